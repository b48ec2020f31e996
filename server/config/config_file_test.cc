// A configuration in a file, and the secrets beside it.

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/config/config.h"

namespace l2tp::config {
namespace {

class ConfigFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "l2tp-config-XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override {
    for (const std::string& file : files_) ::unlink(file.c_str());
    ::rmdir(folder_.c_str());
  }
  std::string Write(const std::string& name, const std::string& text, mode_t mode) {
    files_.push_back(folder_ + "/" + name);
    std::ofstream(files_.back()) << text;
    ::chmod(files_.back().c_str(), mode);
    return files_.back();
  }

  std::string folder_;
  std::vector<std::string> files_;
};

TEST_F(ConfigFileTest, SecretsComeFromFilesBesideTheConfiguration) {
  Write("secret", "hush\n", 0600);
  const std::string file = Write("c.yaml", "peers: [{name: peers/a, secret_file: secret}]\n", 0644);
  const auto config = LoadConfig(file);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->peers.at(0).secret, "hush");
}

TEST_F(ConfigFileTest, SecretFileThatOthersMayReadIsAnError) {
  const std::string secret = Write("secret", "hush\n", 0640);
  const std::string file =
      Write("c.yaml", "peers: [{name: peers/a, secret_file: " + secret + "}]\n", 0644);
  EXPECT_EQ(LoadConfig(file).status().message(),
            file + ":1:38: peers[0].secret_file: " + secret +
                " is accessible to others than its owner; chmod 600 it");
}

TEST_F(ConfigFileTest, SecretFileThatIsMissingOrTooLargeIsAnError) {
  std::string file = Write("c.yaml", "peers: [{name: peers/a, secret_file: none}]\n", 0644);
  EXPECT_FALSE(LoadConfig(file).ok());
  Write("big", std::string(5000, 'x'), 0600);
  file = Write("d.yaml", "peers: [{name: peers/a, secret_file: big}]\n", 0644);
  EXPECT_FALSE(LoadConfig(file).ok());
  file = Write("e.yaml", "peers: [{name: peers/a, secret_file: /tmp}]\n", 0644);
  EXPECT_FALSE(LoadConfig(file).ok());
}

TEST_F(ConfigFileTest, SecretAndSecretFileExcludeEachOther) {
  Write("secret", "hush\n", 0600);
  const std::string file =
      Write("c.yaml", "peers: [{name: peers/a, secret: x, secret_file: secret}]\n", 0644);
  EXPECT_FALSE(LoadConfig(file).ok());
}

TEST_F(ConfigFileTest, MissingFileIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(LoadConfig(folder_ + "/none").status()));
}

TEST_F(ConfigFileTest, FolderOrTooLargeAFileIsAnError) {
  EXPECT_FALSE(LoadConfig(folder_).ok());
  const std::string file = Write("c.yaml", std::string((1 << 20) + 1, '#'), 0644);
  EXPECT_EQ(LoadConfig(file).status().message(), file + ": is larger than 1 MiB");
  EXPECT_FALSE(LoadConfig("/dev/zero").ok());
}

TEST_F(ConfigFileTest, EmptySecretFileIsAnError) {
  const std::string secret = Write("secret", "\n", 0600);
  std::string file = Write("c.yaml", "peers: [{name: peers/a, secret_file: secret}]\n", 0644);
  EXPECT_EQ(LoadConfig(file).status().message(),
            file + ":1:38: peers[0].secret_file: " + secret + " is empty");
  file = Write("d.yaml", "sessions: [{password_file: secret}]\n", 0644);
  EXPECT_FALSE(LoadConfig(file).ok());
  file = Write("e.yaml", "peers: [{name: peers/a, secret_file: ''}]\n", 0644);
  EXPECT_EQ(LoadConfig(file).status().message(), file + ":1:38: peers[0].secret_file: is empty");
}

TEST_F(ConfigFileTest, AbsoluteSecretFileStandsForItself) {
  const std::string secret = Write("secret", "hush", 0600);
  const std::string file =
      Write("c.yaml", "peers: [{name: peers/a, secret_file: " + secret + "}]\n", 0644);
  const auto config = LoadConfig(file);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->peers.at(0).secret, "hush");
}

TEST_F(ConfigFileTest, FolderOfAConfigurationWithoutOneIsTheCurrentOne) {
  Write("secret", "hush", 0600);
  Write("c.yaml", "peers: [{name: peers/a, secret_file: secret}]\n", 0644);
  char before[4096];
  ASSERT_NE(::getcwd(before, sizeof(before)), nullptr);
  ASSERT_EQ(::chdir(folder_.c_str()), 0);
  const auto config = LoadConfig("c.yaml");
  ASSERT_EQ(::chdir(before), 0);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->peers.at(0).secret, "hush");
}

}  // namespace
}  // namespace l2tp::config
