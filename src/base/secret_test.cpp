#include "base/secret.hpp"

#include <cstring>
#include <new>
#include <sstream>

#include <gtest/gtest.h>

namespace telltale::base {
namespace {

TEST(SecretTest, EveryWayOfShowingItHidesIt) {
  const Secret secret("hunter2-hunter2-hunter2-hunter2");
  std::ostringstream out;
  out << secret;
  EXPECT_EQ(out.str(), "••••");
  EXPECT_EQ(fmt::format("{}", secret), "••••");
  EXPECT_EQ(write_json(boost::json::value_from(secret)), "\"••••\"");
  EXPECT_EQ(secret.reveal(), "hunter2-hunter2-hunter2-hunter2");
  static_assert(!std::is_convertible_v<Secret, std::string>);
  static_assert(!std::is_convertible_v<std::string, Secret>);
}

TEST(SecretTest, ItsMemoryIsWiped) {
  // A short one lives inside the object: what is left there can be looked at.
  alignas(Secret) unsigned char room[sizeof(Secret)];
  auto* const secret = new (room) Secret("hunter2");
  secret->~Secret();
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(room), sizeof(room)).find("hunter2"),
            std::string_view::npos);
  Secret from("hunter2");
  const Secret to(std::move(from));
  EXPECT_EQ(to.reveal(), "hunter2");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is the point
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(&from), sizeof(from)).find("hunter2"),
            std::string_view::npos);
}

}  // namespace
}  // namespace telltale::base
