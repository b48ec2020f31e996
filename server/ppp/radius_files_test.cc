#include "server/ppp/radius_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace l2tp::ppp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

int ModeOf(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 ? static_cast<int>(info.st_mode & 0777) : -1;
}

control::RadiusSpec Spec() {
  control::RadiusSpec spec;
  spec.server = {*IpAddress::Parse("192.0.2.9"), 1812};
  spec.accounting_server = {*IpAddress::Parse("192.0.2.10"), 1813};
  spec.secret = "s3cret";
  spec.timeout = 3;
  spec.retries = 2;
  spec.nas_identifier = "lns 1";
  return spec;
}

class RadiusFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/radius_files_test.XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    top_ = folder;
    folder_ = top_ + "/radius";
  }
  void TearDown() override { EXPECT_EQ(rmdir(top_.c_str()), 0) << "something is left"; }
  std::string top_;
  std::string folder_;
};

TEST_F(RadiusFilesTest, OnlyWeCanReadThemAndTheSecretIsInOneFileOnly) {
  RadiusFiles files(folder_);
  const auto config = files.Configure(Spec()).value();
  EXPECT_EQ(ModeOf(folder_), 0700);
  EXPECT_EQ(ModeOf(config->path()), 0600);
  EXPECT_EQ(ModeOf(config->servers_path()), 0600);
  EXPECT_THAT(Read(config->path()), HasSubstr("authserver 192.0.2.9:1812\n"));
  EXPECT_THAT(Read(config->path()), HasSubstr("acctserver 192.0.2.10:1813\n"));
  EXPECT_THAT(Read(config->path()), HasSubstr("radius_timeout 3\nradius_retries 3\n"));
  EXPECT_THAT(Read(config->path()), HasSubstr("nas_identifier lns_1\n"));
  EXPECT_THAT(Read(config->path()), Not(HasSubstr("s3cret")));
  EXPECT_EQ(Read(config->servers_path()), "192.0.2.9 s3cret\n192.0.2.10 s3cret\n");
  EXPECT_THAT(Read(folder_ + "/dictionary"), HasSubstr("Framed-IP-Address 8 ipaddr"));
}

TEST_F(RadiusFilesTest, SameSettingsHaveTheSameFilesAndOthersTheirOwn) {
  RadiusFiles files(folder_);
  const auto first = files.Configure(Spec()).value();
  control::RadiusSpec other = Spec();
  other.secret = "another";
  const auto second = files.Configure(other).value();
  EXPECT_NE(first->path(), second->path());
  EXPECT_EQ(files.Configure(Spec()).value(), first);
}

TEST_F(RadiusFilesTest, SecretIsGoneWithTheLastWhoNeedsIt) {
  RadiusFiles files(folder_);
  auto first = files.Configure(Spec()).value();
  auto second = files.Configure(Spec()).value();
  const std::string path = first->servers_path();
  first.reset();
  EXPECT_EQ(ModeOf(path), 0600);
  second.reset();
  EXPECT_EQ(ModeOf(path), -1);
  const auto third = files.Configure(Spec()).value();
  EXPECT_EQ(ModeOf(third->servers_path()), 0600);
}

TEST_F(RadiusFilesTest, WhatAKilledDaemonLeftIsRemoved) {
  ASSERT_EQ(mkdir(folder_.c_str(), 0700), 0);
  std::ofstream(folder_ + "/1.servers") << "old";
  std::ofstream(folder_ + "/9.servers") << "old";
  RadiusFiles files(folder_);
  const auto config = files.Configure(Spec()).value();
  EXPECT_THAT(Read(config->servers_path()), Not(HasSubstr("old")));
  EXPECT_EQ(ModeOf(folder_ + "/9.servers"), -1);
}

TEST_F(RadiusFilesTest, FolderThatCannotBeMadeIsAnError) {
  RadiusFiles files(top_ + "/not/there");
  EXPECT_FALSE(files.Configure(Spec()).ok());
}

TEST(StationIdTest, HoldsNothingThatPppdWouldTakeForSyntax) {
  EXPECT_EQ(StationId("+49-30/5551000"), "+49-30/5551000");
  EXPECT_EQ(StationId("a=b, c\"d\n\xe9"), "a_b__c_d__");
  EXPECT_EQ(StationId(std::string(300, '1')).size(), 100u);
}

}  // namespace
}  // namespace l2tp::ppp
