// What a session is worth, for how long, and what ends it.
#include "auth/sessions.hpp"

#include "auth/test_support.hpp"
#include "base/encoding.hpp"

namespace telltale::auth {
namespace {

using base::Code;

TEST_F(Sessions, AccessEndsAfterFifteenMinutesAndRefreshAfterThirtyDays) {
  first_run();
  const auto answer = session();
  clock_.advance(15min + 62s);
  EXPECT_FALSE(valid(answer));
  const auto next = refresh(answer.refresh_token);
  ASSERT_TRUE(next.has_value()) << next.error().detail;
  EXPECT_TRUE(valid(*next));
  clock_.advance(30 * 24h + 1s);
  EXPECT_FALSE(refresh(next->refresh_token).has_value());
}

TEST_F(Sessions, ARefreshTokenIsRotatedAndItsReuseEndsTheFamily) {
  first_run();
  const auto other = session();
  const auto one = session();
  const auto two = refresh(one.refresh_token);
  ASSERT_TRUE(two.has_value());
  EXPECT_NE(two->refresh_token, one.refresh_token);
  EXPECT_TRUE(valid(one)) << "a rotation alone ends nothing";
  const auto three = refresh(two->refresh_token);
  ASSERT_TRUE(three.has_value());

  const auto again = run(service_->refresh(one.refresh_token, {.address = "10.0.0.1"}));
  ASSERT_FALSE(again.answer);
  EXPECT_EQ(again.answer.error().code, Code::unauthenticated);
  EXPECT_EQ(again.revoked_of, "admin") << "the audit is told whose session it was";
  const auto once_more = run(service_->refresh(one.refresh_token, {.address = "10.0.0.1"}));
  EXPECT_EQ(once_more.revoked_of, "") << "there is no session any more";
  for (const auto* ended : {&one, &*two, &*three}) {
    EXPECT_FALSE(valid(*ended));
    EXPECT_FALSE(refresh(ended->refresh_token).has_value());
  }
  EXPECT_TRUE(valid(other)) << "another family of the same user lives on";
  EXPECT_TRUE(refresh(other.refresh_token).has_value());
}

TEST_F(Sessions, BadRefreshTokens) {
  first_run();
  const auto answer = session();
  for (const std::string& token :
       {std::string(), std::string("x"), std::string("."), std::string("ses_none.secret"),
        answer.refresh_token.substr(0, answer.refresh_token.find('.')),
        std::string(300, 'x') + "."})
    EXPECT_EQ(refresh(token).error().code, Code::unauthenticated) << token;
  EXPECT_TRUE(valid(answer));
}

TEST_F(Sessions, LogoutEndsTheSessionAndOnlyIt) {
  first_run();
  const auto one = session();
  const auto two = session();
  const auto family = one.refresh_token.substr(0, one.refresh_token.find('.'));
  ASSERT_TRUE(run(service_->logout(family + ".guess")).has_value());
  EXPECT_TRUE(valid(one)) << "who knows the family's name only ends nothing";
  ASSERT_TRUE(run(service_->logout(one.refresh_token)).has_value());
  EXPECT_FALSE(valid(one));
  EXPECT_FALSE(refresh(one.refresh_token).has_value());
  EXPECT_TRUE(valid(two));
  EXPECT_TRUE(run(service_->logout("nonsense")).has_value());
}

TEST_F(Sessions, WhatWasEndedStaysEndedAfterARestart) {
  first_run();
  const auto lives = session();
  const auto ended = session();
  ASSERT_TRUE(run(service_->logout(ended.refresh_token)).has_value());
  restart();
  EXPECT_TRUE(valid(lives)) << "the key is kept in the store";
  EXPECT_TRUE(refresh(lives.refresh_token).has_value());
  EXPECT_FALSE(refresh(ended.refresh_token).has_value());
  EXPECT_FALSE(valid(ended)) << "an access token that was ended must not live again";
}

TEST_F(Sessions, ADisabledUserLosesAccessAtOnce) {
  first_run();
  const auto admin = session();
  const auto [eve, hers] = add_user("eve", "operator");
  EXPECT_TRUE(valid(hers));
  const auto ticket = service_->make_ticket(service_->authenticate(hers.access_token)->actor);
  ASSERT_TRUE(operate("users.update", admin, {{"id", eve.id}, {"disabled", true}}).has_value());
  EXPECT_FALSE(valid(hers));
  EXPECT_FALSE(service_->redeem_ticket(ticket).has_value());
  EXPECT_FALSE(refresh(hers.refresh_token).has_value());
  ASSERT_TRUE(operate("users.update", admin, {{"id", eve.id}, {"disabled", false}}).has_value());
  EXPECT_FALSE(valid(hers)) << "the old session does not come back with the user";
  EXPECT_FALSE(refresh(hers.refresh_token).has_value());
}

TEST_F(Sessions, ANewRoleCountsAtOnce) {
  first_run();
  const auto admin = session();
  const auto [eve, hers] = add_user("eve", "viewer");
  EXPECT_FALSE(service_->authenticate(hers.access_token)->actor.may("tools:call"));
  ASSERT_TRUE(operate("users.update", admin, {{"id", eve.id}, {"role", "operator"}}).has_value());
  EXPECT_TRUE(service_->authenticate(hers.access_token)->actor.may("tools:call"));
}

TEST_F(Sessions, ALoginUnderWayWhenThePasswordChangesStartsNothing) {
  first_run();
  const auto [eve, hers] = add_user("eve", "viewer");
  // A session that was begun with what was true before the change, and is written after it.
  ASSERT_TRUE(store_->write_now([&](store::Connection& db) {
    return store::save_login_code(db, base::sha256_hex("late"), eve.id, clock_.wall() + 1h);
  }));
  auto changed = *find_user("eve");
  ASSERT_TRUE(run(service_->save_user(changed, true)));
  EXPECT_FALSE(valid(hers));
  EXPECT_FALSE(refresh(hers.refresh_token));
}

TEST_F(Sessions, TicketsWorkOnceAndForThirtySeconds) {
  first_run();
  const auto answer = session();
  const auto actor = service_->authenticate(answer.access_token)->actor;
  const auto ticket = service_->make_ticket(actor);
  EXPECT_FALSE(service_->redeem_ticket(ticket + "x").has_value());
  const auto who = service_->redeem_ticket(ticket);
  ASSERT_TRUE(who.has_value());
  EXPECT_EQ(who->actor.id, actor.id);
  EXPECT_FALSE(service_->redeem_ticket(ticket).has_value());
  const auto old = service_->make_ticket(actor);
  clock_.advance(31s);
  EXPECT_FALSE(service_->redeem_ticket(old).has_value());
}

TEST_F(Sessions, ASessionIsEndedByItsOwnerAtOnceAndByNoOther) {
  first_run();
  const auto [eve, hers] = add_user("eve", "operator");
  const auto [bob, his] = add_user("bob", "operator");
  const auto actor = service_->authenticate(hers.access_token)->actor;
  int told = 0;
  service_->on_change([&] { ++told; });
  EXPECT_EQ(operate("sessions.end", his, {{"id", actor.session}}).error().code, Code::not_found);
  EXPECT_TRUE(service_->renew(actor));
  EXPECT_EQ(told, 0);
  const auto list = operate("sessions.list", hers, base::JsonObject());
  ASSERT_TRUE(list);
  ASSERT_EQ(list->at("items").as_array().size(), 1U);
  EXPECT_EQ(list->at("items").at(0).at("current"), true);
  ASSERT_TRUE(operate("sessions.end", hers, {{"id", actor.session}}));
  EXPECT_GT(told, 0);
  EXPECT_FALSE(valid(hers));
  EXPECT_FALSE(service_->renew(actor));
  EXPECT_FALSE(refresh(hers.refresh_token));
}

TEST_F(Sessions, AfterARotationOldTokensLiveTheirTimeAndNoLonger) {
  first_run();
  const auto [eve, hers] = add_user("eve", "operator");
  ASSERT_TRUE(run(service_->rotate_key()));
  EXPECT_TRUE(valid(hers)) << "signed by the key before";
  const auto next = refresh(hers.refresh_token);
  ASSERT_TRUE(next);
  EXPECT_TRUE(valid(*next));
  restart();
  EXPECT_TRUE(valid(hers));
  clock_.advance(20min);
  restart();
  EXPECT_FALSE(valid(hers));
  EXPECT_TRUE(valid(*refresh(next->refresh_token)));
}

TEST_F(Sessions, WithKeysFromOutsideTheFirstSignsAndAllVerify) {
  const std::string old_key(32, 'a');
  const std::string new_key(32, 'b');
  start(old_key);
  first_run();
  const auto [eve, hers] = add_user("eve", "operator");
  EXPECT_EQ(run(service_->rotate_key()).error().code, Code::conflict);
  start(new_key + "," + old_key);
  EXPECT_TRUE(valid(hers));
  start(new_key);
  EXPECT_FALSE(valid(hers));
  EXPECT_FALSE(SessionService::open(*store_, runtime_.blocking(), "short"));
}

}  // namespace
}  // namespace telltale::auth
