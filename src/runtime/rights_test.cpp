#include "runtime/rights.hpp"

#include <gtest/gtest.h>

namespace telltale::runtime {
namespace {

TEST(Pattern, StarsAndQuestionMarks) {
  struct Case {
    std::string_view pattern, text;
    bool fits;
  };
  for (const auto& [pattern, text, fits] :
       std::initializer_list<Case>{{"*", "", true},
                                   {"*", "anything", true},
                                   {"a*", "abc", true},
                                   {"a*", "bac", false},
                                   {"*c", "abc", true},
                                   {"*c", "abcd", false},
                                   {"a*c*e", "abcde", true},
                                   {"a*c*e", "abde", false},
                                   {"?", "a", true},
                                   {"?", "", false},
                                   {"a?c", "abc", true},
                                   {"", "", true},
                                   {"", "a", false},
                                   {"abc", "abc", true},
                                   {"abc", "ABC", false},
                                   {"**", "x", true},
                                   {"*a*a*b", "aaaaaaaab", true},
                                   {"*a*a*c", "aaaaaaaab", false}})
    EXPECT_EQ(matches_pattern(pattern, text), fits) << pattern << " on " << text;
  // Many stars on a long text end soon.
  const std::string stars = "*a*a*a*a*a*a*a*a*a*a*a*b";
  EXPECT_FALSE(matches_pattern(stars, std::string(20'000, 'a')));
}

TEST(Rights, AGrantHoldsWhereItsPatternsFit) {
  const Rights rights(
      {{.permissions = {"fleet:read"}},
       {.permissions = {"tools:call"}, .servers = {"files", "git-*"}, .tools = {"read_*"}}});
  EXPECT_TRUE(rights.may("fleet:read", "anything"));
  EXPECT_TRUE(rights.may("tools:call"));
  EXPECT_TRUE(rights.may("tools:call", "git-hub", "read_file"));
  EXPECT_FALSE(rights.may("tools:call", "git-hub", "write_file"));
  EXPECT_FALSE(rights.may("tools:call", "memory", "read_file"));
  EXPECT_FALSE(rights.may("users:manage"));
  EXPECT_TRUE(rights.everywhere("fleet:read"));
  EXPECT_FALSE(rights.everywhere("tools:call"));
}

TEST(Rights, NothingIsAllowedByNothing) {
  EXPECT_FALSE(Rights().may("fleet:read"));
  EXPECT_FALSE(Rights({{.permissions = {"fleet:read"}, .servers = {}}}).may("fleet:read"));
  EXPECT_FALSE(Rights({{.permissions = {"fleet:read"}, .servers = {}}}).may("fleet:read", "a"));
}

TEST(Rights, NobodyHandsOutMoreThanHeHas) {
  const auto all = Rights::of({"fleet:read", "tools:call"});
  const Rights some({{.permissions = {"tools:call"}, .servers = {"git-*"}}});
  EXPECT_TRUE(all.cover(some));
  EXPECT_FALSE(some.cover(all));
  EXPECT_TRUE(some.cover(some));
  EXPECT_FALSE(some.cover(Rights({{.permissions = {"tools:call"}, .servers = {"memory"}}})));
  EXPECT_FALSE(all.cover(Rights::of({"users:manage"})));
  EXPECT_TRUE(some.cover(Rights()));
}

TEST(Rights, ATokenHasTheScopesItWasGivenAndNoMore) {
  const auto limited =
      Rights::of({"fleet:read", "tools:call"}).limited_to({"fleet:read", "users:manage"});
  EXPECT_EQ(limited.permissions(), std::vector<std::string>{"fleet:read"});
}

}  // namespace
}  // namespace telltale::runtime
