// API tokens: what they may, how long, and that they make no others.
#include "auth/sessions.hpp"
#include "auth/test_support.hpp"

namespace telltale::auth {
namespace {

using base::Code;

TEST_F(Sessions, AnApiTokenDoesWhatItsOwnerMayWithinItsScopes) {
  first_run();
  const auto [eve, hers] = add_user("eve", "operator");
  const auto made = operate("tokens.create", hers, {{"name", "ci"}, {"scopes", {"fleet:read"}}});
  ASSERT_TRUE(made) << made.error().detail;
  const std::string token(made->at("token").as_string());
  EXPECT_TRUE(token.starts_with("tt_"));
  const auto who = service_->authenticate(token);
  ASSERT_TRUE(who) << who.error().detail;
  EXPECT_EQ(who->actor.name, "eve");
  EXPECT_TRUE(who->actor.may("fleet:read"));
  EXPECT_FALSE(who->actor.may("tools:call"));
  EXPECT_FALSE(service_->authenticate(token + "x"));
  EXPECT_FALSE(service_->authenticate("tt_"));
  // What is stored cannot be used.
  for (const auto& [hash, one] : service_->directory()->tokens) {
    EXPECT_NE(hash, token);
    EXPECT_FALSE(service_->authenticate("tt_" + hash));
  }
  // Its owner loses a right: so does the token.
  auto lower = *find_user("eve");
  lower.disabled = true;
  ASSERT_TRUE(run(service_->save_user(lower, true)));
  EXPECT_FALSE(service_->authenticate(token));
}

TEST_F(Sessions, AnApiTokenEndsByItsDateOrByItsOwner) {
  first_run();
  const auto [eve, hers] = add_user("eve", "operator");
  const auto [bob, his] = add_user("bob", "operator");
  const auto short_lived = operate("tokens.create", hers, {{"name", "a"}, {"expires_in_days", 1}});
  const auto other = operate("tokens.create", hers, {{"name", "b"}, {"expires_in_days", 0}});
  ASSERT_TRUE(short_lived && other);
  const std::string first(short_lived->at("token").as_string());
  const std::string second(other->at("token").as_string());
  const auto id = other->at("id");
  EXPECT_EQ(operate("tokens.delete", his, {{"id", id}}).error().code, Code::not_found)
      << "another's token does not exist for him";
  EXPECT_EQ(operate("tokens.list", his, base::JsonObject())->at("items").as_array().size(), 0U);
  EXPECT_EQ(operate("tokens.list", hers, base::JsonObject())->at("items").as_array().size(), 2U);
  EXPECT_TRUE(operate("tokens.delete", hers, {{"id", id}}));
  EXPECT_FALSE(service_->authenticate(second));
  clock_.advance(24h - 1s);
  EXPECT_TRUE(service_->authenticate(first));
  clock_.advance(2s);
  EXPECT_FALSE(service_->authenticate(first));
}

TEST_F(Sessions, AnApiTokenMakesNoTokenAndAsksForNoMoreThanItsOwnerHas) {
  first_run();
  const auto [eve, hers] = add_user("eve", "viewer");
  const auto more = operate("tokens.create", hers, {{"name", "x"}, {"scopes", {"users:manage"}}});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Code::invalid_argument);
  EXPECT_FALSE(operate("tokens.create", hers, {{"name", "x"}, {"scopes", {"no:such"}}}));
  auto made = operate("tokens.create", hers, {{"name", "x"}});
  ASSERT_TRUE(made);
  SessionAnswer by_token;
  by_token.access_token = std::string(made->at("token").as_string());
  EXPECT_EQ(operate("tokens.create", by_token, {{"name", "y"}}).error().code,
            Code::permission_denied);
  EXPECT_EQ(operate("auth.password", by_token, {{"new_password", kPassword}}).error().code,
            Code::permission_denied);
}

}  // namespace
}  // namespace telltale::auth
