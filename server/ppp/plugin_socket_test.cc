#include "server/ppp/plugin_socket.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "plugin/plugin_protocol.h"

namespace l2tp::ppp {
namespace {

using control::PppId;
using testing::HasSubstr;

// Knows one process: the test itself, unless told otherwise.
class FakeOwner : public PluginSocket::Owner {
 public:
  std::optional<PppId> FindProcess(pid_t pid) override {
    if (pid == known) return PppId(77);
    return std::nullopt;
  }
  void OnPluginMessage(PppId ppp, const PluginMessage& message) override {
    EXPECT_EQ(ppp, PppId(77));
    messages.push_back(message);
  }
  pid_t known = getpid();
  std::vector<PluginMessage> messages;
};

class PluginSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/plugin_socket_test.XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    path_ = folder_ + "/ppp.sock";
    ASSERT_TRUE(socket_.Listen(path_).ok());
  }
  void TearDown() override {
    unlink(path_.c_str());
    rmdir(folder_.c_str());
  }

  UniqueFd Connect() {
    UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path_.c_str());
    EXPECT_EQ(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    return fd;
  }

  // What is ready is done; there is nothing to wait for.
  void Poll() {
    io_.restart();
    while (io_.poll() > 0) {
    }
  }

  static bool IsClosed(const UniqueFd& fd) {
    char octet;
    const ssize_t size = recv(fd.get(), &octet, 1, MSG_DONTWAIT);
    // ECONNRESET: with something of ours still unread.
    return size == 0 || (size < 0 && errno == ECONNRESET);
  }

  std::string folder_;
  std::string path_;
  asio::io_context io_;
  FakeOwner owner_;
  PluginSocket socket_{io_, &owner_};
};

template <typename T>
void Transmit(const UniqueFd& fd, uint16_t type, uint64_t instance = 77) {
  T message = {};
  l2tp_plugin_header header = {};
  header.magic = L2TP_PLUGIN_MAGIC;
  header.version = L2TP_PLUGIN_VERSION;
  header.type = type;
  header.size = sizeof(T);
  header.sequence = 1;
  header.instance = instance;
  std::memcpy(&message, &header, sizeof(header));
  // The other end may have hung up, which is what some tests are about.
  (void)send(fd.get(), &message, sizeof(message), MSG_NOSIGNAL);
}

TEST_F(PluginSocketTest, OnlyTheOwnerMayConnect) {
  struct stat info;
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(PluginSocketTest, MessagesAfterAHelloAreDelivered) {
  const UniqueFd fd = Connect();
  Transmit<l2tp_plugin_hello>(fd, L2TP_PLUGIN_HELLO);
  Transmit<l2tp_plugin_header>(fd, L2TP_PLUGIN_IPV4_DOWN);
  Poll();
  ASSERT_EQ(owner_.messages.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<Hello>(owner_.messages[0].body));
  EXPECT_TRUE(std::holds_alternative<control::PppIpDown>(owner_.messages[1].body));
}

TEST_F(PluginSocketTest, ProcessThatIsNotOursIsHungUpOn) {
  owner_.known = 1;
  const UniqueFd fd = Connect();
  Transmit<l2tp_plugin_hello>(fd, L2TP_PLUGIN_HELLO);
  Poll();
  EXPECT_TRUE(owner_.messages.empty());
  EXPECT_TRUE(IsClosed(fd));
}

TEST_F(PluginSocketTest, WrongInstanceIsHungUpOn) {
  const UniqueFd fd = Connect();
  Transmit<l2tp_plugin_hello>(fd, L2TP_PLUGIN_HELLO, 78);
  Poll();
  EXPECT_TRUE(owner_.messages.empty());
  EXPECT_TRUE(IsClosed(fd));
}

TEST_F(PluginSocketTest, NewsBeforeTheHelloAreRefused) {
  const UniqueFd fd = Connect();
  Transmit<l2tp_plugin_header>(fd, L2TP_PLUGIN_IPV4_DOWN);
  Poll();
  EXPECT_TRUE(owner_.messages.empty());
  EXPECT_TRUE(IsClosed(fd));
}

TEST_F(PluginSocketTest, SecondHelloIsRefused) {
  const UniqueFd fd = Connect();
  Transmit<l2tp_plugin_hello>(fd, L2TP_PLUGIN_HELLO);
  Transmit<l2tp_plugin_hello>(fd, L2TP_PLUGIN_HELLO);
  Poll();
  EXPECT_EQ(owner_.messages.size(), 1u);
  EXPECT_TRUE(IsClosed(fd));
}

TEST_F(PluginSocketTest, OversizedMessageIsRefused) {
  const UniqueFd fd = Connect();
  const std::vector<char> large(100000);
  ASSERT_GT(send(fd.get(), large.data(), large.size(), 0), 0);
  Poll();
  EXPECT_TRUE(IsClosed(fd));
}

size_t CountDescriptors() {
  const auto folder = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(folder), end(folder)));
}

TEST_F(PluginSocketTest, DescriptorsSentAlongAreNotTakenIn) {
  const UniqueFd fd = Connect();
  Transmit<l2tp_plugin_hello>(fd, L2TP_PLUGIN_HELLO);
  Poll();
  const UniqueFd extra(open("/dev/null", O_RDONLY));
  const int extra_fd = extra.get();
  const size_t before = CountDescriptors();
  for (uint32_t i = 0; i < 20; ++i) {
    l2tp_plugin_header header = {
        L2TP_PLUGIN_MAGIC, L2TP_PLUGIN_VERSION, L2TP_PLUGIN_IPV4_DOWN, sizeof(header), i, 77, 0, 0};
    iovec vector = {&header, sizeof(header)};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message = {};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &extra_fd, sizeof(int));
    ASSERT_GT(sendmsg(fd.get(), &message, 0), 0);
  }
  Poll();
  EXPECT_EQ(owner_.messages.size(), 21u);
  EXPECT_EQ(CountDescriptors(), before);
}

TEST_F(PluginSocketTest, NewConnectionTakesThePlaceOfTheOldOne) {
  const UniqueFd first = Connect();
  Transmit<l2tp_plugin_hello>(first, L2TP_PLUGIN_HELLO);
  Poll();
  const UniqueFd second = Connect();
  Transmit<l2tp_plugin_hello>(second, L2TP_PLUGIN_HELLO);
  Poll();
  const uint8_t answer[] = {42};
  EXPECT_TRUE(socket_.Send(PppId(77), answer));
  char octet = 0;
  EXPECT_EQ(recv(second.get(), &octet, 1, MSG_DONTWAIT), 1);
  EXPECT_EQ(octet, 42);
}

TEST_F(PluginSocketTest, OldConnectionIsClosedAndDeliversNothingMore) {
  const UniqueFd first = Connect();
  Transmit<l2tp_plugin_hello>(first, L2TP_PLUGIN_HELLO);
  Poll();
  const UniqueFd second = Connect();
  Transmit<l2tp_plugin_hello>(second, L2TP_PLUGIN_HELLO);
  Poll();
  EXPECT_TRUE(IsClosed(first));
  EXPECT_FALSE(IsClosed(second));
  Transmit<l2tp_plugin_header>(first, L2TP_PLUGIN_IPV4_DOWN);
  Poll();
  EXPECT_EQ(owner_.messages.size(), 2u);
  Transmit<l2tp_plugin_header>(second, L2TP_PLUGIN_IPV4_DOWN);
  Poll();
  EXPECT_EQ(owner_.messages.size(), 3u);
}

TEST_F(PluginSocketTest, LastWordsOfTheDeadAreReadEvenFromTheQueue) {
  {
    const UniqueFd fd = Connect();
    Transmit<l2tp_plugin_hello>(fd, L2TP_PLUGIN_HELLO);
    Transmit<l2tp_plugin_exit>(fd, L2TP_PLUGIN_EXIT);
  }
  socket_.DrainAndForget(PppId(77));  // without a turn of the loop
  ASSERT_EQ(owner_.messages.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<ExitReport>(owner_.messages[1].body));
  EXPECT_FALSE(socket_.Send(PppId(77), owner_.messages.empty() ? Bytes{} : Bytes{1}));
}

TEST_F(PluginSocketTest, StaleSocketIsReplacedAndALivingOneIsNot) {
  asio::io_context io;
  PluginSocket second(io, &owner_);
  EXPECT_THAT(second.Listen(path_).message(), HasSubstr("another daemon listens"));

  const std::string stale = folder_ + "/stale.sock";
  {
    const UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, stale.c_str());
    ASSERT_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  EXPECT_TRUE(second.Listen(stale).ok());
}

TEST_F(PluginSocketTest, FileThatIsNoSocketIsLeftAlone) {
  const std::string file = folder_ + "/file";
  { const UniqueFd fd(open(file.c_str(), O_CREAT | O_WRONLY, 0600)); }
  asio::io_context io;
  PluginSocket second(io, &owner_);
  EXPECT_THAT(second.Listen(file).message(), HasSubstr("is not a socket"));
  EXPECT_EQ(unlink(file.c_str()), 0);
}

TEST_F(PluginSocketTest, PathThatDoesNotFitIsAnError) {
  asio::io_context io;
  PluginSocket second(io, &owner_);
  EXPECT_EQ(second.Listen("/tmp/" + std::string(200, 'x')).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(second.Listen("").code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace l2tp::ppp
