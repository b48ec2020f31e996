#include "tests/fuzz/lives.h"

#include <variant>

#include "server/protocol/tunnel.h"
#include "tests/fuzz/require.h"

namespace l2tp::protocol {

void Lives::Opened(TunnelHandle tunnel) {
  Require(tunnels_.try_emplace(tunnel).second, "a tunnel that is opened is new");
}

void Lives::Placed(SessionHandle session) {
  Require(!Of(TunnelOf(session)).closed, "calls are placed in tunnels that live");
  Begin(session, {.answerable = true});
}

void Lives::Begin(SessionHandle session, SessionLife life) {
  Require(sessions_.try_emplace(session, life).second, "a call that begins is new");
  ++Of(TunnelOf(session)).sessions;
}

void Lives::Take(const Effect& effect) {
  std::visit([this](const auto& each) { (*this)(each); }, effect);
}

Lives::TunnelLife& Lives::Of(TunnelHandle handle) {
  const auto found = tunnels_.find(handle);
  Require(found != tunnels_.end(), "a tunnel that something is told of is there");
  return found->second;
}

Lives::TunnelLife& Lives::OpenTunnel(TunnelHandle handle) {
  TunnelLife& life = Of(handle);
  Require(life.established && !life.closed, "calls are told of in open tunnels only");
  return life;
}

Lives::SessionLife& Lives::Of(SessionHandle handle) {
  const auto found = sessions_.find(handle);
  Require(found != sessions_.end(), "a call that something is told of is there");
  return found->second;
}

Lives::SessionLife& Lives::EstablishedSession(SessionHandle handle) {
  SessionLife& life = Of(handle);
  Require(life.established, "the line is told of for established calls only");
  OpenTunnel(TunnelOf(handle));
  return life;
}

void Lives::operator()(const Transmit& transmit) {
  if (transmit.tunnel) Of(transmit.tunnel);  // else a refusal
}

void Lives::operator()(const TunnelAccepted& accepted) { Opened(accepted.tunnel); }

void Lives::operator()(const TunnelEstablished& established) {
  TunnelLife& life = Of(established.tunnel);
  Require(!life.established && !life.closed, "a tunnel is established once, and before its end");
  life.established = true;
}

void Lives::operator()(const TunnelClosed& closed) {
  TunnelLife& life = Of(closed.tunnel);
  Require(!life.closed, "a tunnel is closed once");
  Require(life.sessions == 0, "a tunnel is closed after its calls");
  life.closed = true;
}

void Lives::operator()(const TunnelDrained& drained) {
  Require(Of(drained.tunnel).closed, "a tunnel is drained when it is closed");
}

void Lives::operator()(const TunnelQuiet& quiet) { OpenTunnel(quiet.tunnel); }

void Lives::operator()(const TunnelReleased& released) {
  Require(Of(released.tunnel).closed, "a tunnel is released when it is closed");
  tunnels_.erase(released.tunnel);
}

void Lives::operator()(const TunnelRefused&) {}

void Lives::operator()(const SessionRequested& requested) {
  OpenTunnel(requested.tunnel);
  Require(TunnelOf(requested.session) == requested.tunnel, "a call is one of its tunnel");
  Begin(requested.session, {});
}

void Lives::operator()(const SessionAnswered& answered) {
  SessionLife& life = Of(answered.session);
  Require(life.answerable && !life.established, "a call is answered once, if it is ours");
  life.answerable = false;
}

void Lives::operator()(const SessionEstablished& established) {
  SessionLife& life = Of(established.session);
  Require(!life.established && !life.answerable,
          "a call is established once, and after its answer");
  OpenTunnel(TunnelOf(established.session));
  life.established = true;
}

void Lives::operator()(const SessionClosed& closed) {
  Of(closed.session);
  --Of(TunnelOf(closed.session)).sessions;
  sessions_.erase(closed.session);
}

void Lives::operator()(const CallRefused& refused) { OpenTunnel(refused.tunnel); }

void Lives::operator()(const LinkInfoReceived& received) { EstablishedSession(received.session); }

void Lives::operator()(const CallErrorsReceived& received) { EstablishedSession(received.session); }

}  // namespace l2tp::protocol
