// Files of captured packets, as tcpdump, tshark and Wireshark read them.

#ifndef L2TP_CLIENTS_L2TPCTL_PCAP_H_
#define L2TP_CLIENTS_L2TPCTL_PCAP_H_

#include <string>

#include "l2tp/v1/capture.pb.h"

namespace l2tp::ctl {

// What a file begins with: nanoseconds, packets from the IP header on (LINKTYPE_RAW).
std::string PcapFileHeader();

// A record of the file: the message below IP and UDP headers made of its ends. An address that is
// not known is 0.0.0.0 or ::. "" when the ends are no addresses of one family or the datagram is
// longer than UDP allows.
std::string PcapRecord(const v1::CapturedMessage& message);

}  // namespace l2tp::ctl

#endif  // L2TP_CLIENTS_L2TPCTL_PCAP_H_
