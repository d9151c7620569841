#include "api/limits.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace telltale::api {
namespace {

using namespace std::chrono_literals;

TEST(RequestLimits, ACallerCountsByItselfWhereverItComesFrom) {
  const base::VirtualClock clock;
  RequestLimits limits(clock, 3);
  const runtime::Actor ada{.id = "usr_1", .name = "ada", .address = "10.0.0.1"};
  const runtime::Actor elsewhere{.id = "usr_1", .name = "ada", .address = "10.0.0.2"};
  const runtime::Actor bob{.id = "usr_2", .name = "bob", .address = "10.0.0.1"};
  EXPECT_FALSE(limits.principal(ada).exceeded());
  EXPECT_FALSE(limits.principal(elsewhere).exceeded());
  EXPECT_FALSE(limits.principal(ada).exceeded());
  EXPECT_TRUE(limits.principal(elsewhere).exceeded());
  EXPECT_FALSE(limits.principal(bob).exceeded());
  EXPECT_FALSE(limits.address("10.0.0.1").exceeded()) << "guessing has a count of its own";
  EXPECT_EQ(limits.refused(), 1U);
}

TEST(RequestLimits, SigningInIsCheaperToRefuseThanToDo) {
  const base::VirtualClock clock;
  RequestLimits limits(clock, 6000);
  int taken = 0;
  for (int i = 0; i < 1000; ++i) taken += limits.sign_in("2606:2800:220:1::1").exceeded() ? 0 : 1;
  EXPECT_EQ(taken, 60);
  EXPECT_TRUE(limits.sign_in("2606:2800:220:1::2").exceeded()) << "the same subscriber";
  EXPECT_FALSE(limits.sign_in("2606:2800:220:2::1").exceeded());
}

TEST(RequestLimits, TheRefusalSaysWhenToComeBack) {
  base::VirtualClock clock;
  RequestLimits limits(clock, 1);
  const auto first = limits.address("10.0.0.1");
  net::Response good;
  first.describe(good);
  EXPECT_EQ(good.headers.get("ratelimit-policy"), "\"address\";q=1;w=60");
  EXPECT_TRUE(good.headers.get_or("ratelimit", "").starts_with("\"address\";r=0;t="));
  const auto refused = limits.address("10.0.0.1").refusal("/api/x");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.get("content-type"), "application/problem+json");
  const auto body = base::parse_json(refused.body)->get_object();
  EXPECT_EQ(body.at("status"), 429);
  EXPECT_EQ(body.at("instance"), "/api/x");
  const auto wait = std::stoi(std::string(refused.headers.get_or("retry-after", "0")));
  EXPECT_GT(wait, 55);
  clock.advance(std::chrono::seconds(wait));
  EXPECT_FALSE(limits.address("10.0.0.1").exceeded()) << "who waits as long as told is let in";
}

TEST(RequestLimits, ZeroIsNoLimitAndNoHeader) {
  const base::VirtualClock clock;
  RequestLimits limits(clock, 0);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(limits.sign_in("10.0.0.1").exceeded());
  net::Response out;
  limits.address("10.0.0.1").describe(out);
  EXPECT_EQ(out.headers.size(), 0U);
}

}  // namespace
}  // namespace telltale::api
