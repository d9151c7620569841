// How one comes in: the first run, the codes of start-up links, names and passwords.
#include <future>

#include "auth/sessions.hpp"
#include "auth/test_support.hpp"

namespace telltale::auth {
namespace {

using base::Code;

TEST_F(Sessions, TheFirstRunMakesAnAdminAndACodeThatWorksOnce) {
  const auto first = service_->first_run("");
  ASSERT_TRUE(first.has_value());
  ASSERT_TRUE(first->admin_password.has_value());
  EXPECT_GE(first->admin_password->size(), 16U);
  ASSERT_EQ(service_->directory()->users.size(), 1U);
  EXPECT_EQ(service_->directory()->users.begin()->second.role, "admin");
  EXPECT_TRUE(service_->directory()->users.begin()->second.must_change_password);

  const auto answer = run(service_->exchange_code(first->login_code, {.address = "::1"}));
  ASSERT_TRUE(answer.has_value()) << answer.error().detail;
  EXPECT_EQ(answer->user.username, "admin");
  EXPECT_TRUE(answer->user.must_change_password);
  EXPECT_EQ(answer->expires_in, 900);
  const auto who = service_->authenticate(answer->access_token);
  ASSERT_TRUE(who.has_value());
  EXPECT_EQ(who->actor.name, "admin");
  EXPECT_TRUE(who->actor.may("users:manage"));

  const auto again = run(service_->exchange_code(first->login_code, {.address = "::1"}));
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, Code::unauthenticated);
}

TEST_F(Sessions, ALaterRunMakesNoOtherAdminButANewCode) {
  const auto first = first_run();
  EXPECT_FALSE(first.admin_password.has_value()) << "a password that was given is not printed";
  restart();
  const auto second = first_run("not used any more");
  EXPECT_FALSE(second.admin_password.has_value());
  EXPECT_NE(second.login_code, first.login_code);
  EXPECT_EQ(service_->directory()->users.size(), 1U);
  EXPECT_TRUE(run(service_->exchange_code(second.login_code, {})).has_value());
  EXPECT_FALSE(login("admin", "not used any more").has_value());
  EXPECT_TRUE(login("admin", kPassword).has_value());
}

TEST_F(Sessions, AWeakAdminPasswordIsRefusedAtTheFirstRun) {
  for (const std::string password : {"short", "Password123"}) {
    const auto out = service_->first_run(password);
    ASSERT_FALSE(out.has_value()) << password;
    EXPECT_EQ(out.error().code, Code::invalid_argument);
  }
  EXPECT_TRUE(service_->directory()->users.empty());
}

TEST_F(Sessions, WrongAndOldCodes) {
  const auto first = first_run();
  EXPECT_FALSE(run(service_->exchange_code("guess", {})).has_value());
  EXPECT_FALSE(run(service_->exchange_code("", {})).has_value());
  clock_.advance(24h + 1s);
  EXPECT_FALSE(run(service_->exchange_code(first.login_code, {})).has_value());
}

TEST_F(Sessions, GuessingCodesIsLockedOut) {
  const auto first = first_run();
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(run(service_->exchange_code("guess", {.address = "a"})).error().code,
              Code::unauthenticated)
        << i;
  const auto locked = run(service_->exchange_code(first.login_code, {.address = "a"}));
  ASSERT_FALSE(locked.has_value());
  EXPECT_EQ(locked.error().code, Code::rate_limited);
  EXPECT_TRUE(run(service_->exchange_code(first.login_code, {.address = "b"})).has_value())
      << "others are not";
}

TEST_F(Sessions, LoginGoodAndBad) {
  first_run();
  const auto good = login("ADMIN", kPassword);
  ASSERT_TRUE(good.has_value()) << good.error().detail;
  EXPECT_TRUE(valid(*good));
  EXPECT_TRUE(good->user.last_login_at.has_value());
  const auto bad = login("admin", kPassword + "x");
  const auto unknown = login("nobody", kPassword);
  ASSERT_FALSE(bad.has_value());
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(bad.error().code, Code::unauthenticated);
  EXPECT_EQ(bad.error().detail, unknown.error().detail)
      << "the answer does not tell which users exist";
  EXPECT_FALSE(login("admin", std::string(2000, 'x')).has_value());
}

TEST_F(Sessions, FiveFailuresLockOutLongerEachTime) {
  first_run();
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(login("admin", "wrong").error().code, Code::unauthenticated) << i;
  const auto locked = login("admin", kPassword);
  ASSERT_FALSE(locked.has_value());
  EXPECT_EQ(locked.error().code, Code::rate_limited);
  ASSERT_TRUE(locked.error().retry_after.has_value());
  const auto first_wait = *locked.error().retry_after;
  EXPECT_GT(first_wait, 0ms);
  EXPECT_LE(first_wait, 1001ms);
  EXPECT_EQ(login("Admin", kPassword).error().code, Code::rate_limited)
      << "another spelling is the same user";
  EXPECT_TRUE(login("admin", kPassword, "10.0.0.2").has_value()) << "another address is not locked";

  clock_.advance(first_wait);
  EXPECT_EQ(login("admin", "wrong").error().code, Code::unauthenticated);
  const auto longer = login("admin", kPassword);
  ASSERT_FALSE(longer.has_value());
  EXPECT_GT(longer.error().retry_after.value_or(0ms), 1500ms);
  clock_.advance(*longer.error().retry_after);
  EXPECT_TRUE(login("admin", kPassword).has_value());
  EXPECT_EQ(login("admin", "wrong").error().code, Code::unauthenticated) << "a good login forgives";
  EXPECT_EQ(login("admin", "wrong").error().code, Code::unauthenticated);
}

TEST_F(Sessions, ALoginThatIsUnderWayDoesNotUndoADisabling) {
  first_run();
  (void)add_user("second", "admin");
  auto admin = *find_user("admin");
  // The login has read the user and hashes; meanwhile he is disabled.
  std::promise<base::Result<SessionAnswer>> answer;
  boost::asio::co_spawn(loop().executor(), service_->login("admin", kPassword, {.address = "a"}),
                        [&](const std::exception_ptr&, base::Result<SessionAnswer> result) {
                          answer.set_value(std::move(result));
                        });
  admin.disabled = true;
  ASSERT_TRUE(run(service_->save_user(admin, true)).has_value());
  const auto result = answer.get_future().get();
  EXPECT_TRUE(find_user("admin")->disabled);
  EXPECT_EQ(find_user("admin")->token_epoch, admin.token_epoch + 1);
  if (result) {
    EXPECT_FALSE(valid(*result));
    EXPECT_FALSE(refresh(result->refresh_token).has_value());
  }
}

TEST_F(Sessions, AMadeUpPasswordMustBeChangedAndNeedsNoOldOne) {
  const auto first = service_->first_run("");
  ASSERT_TRUE(first.has_value());
  const auto answer = run(service_->exchange_code(first->login_code, {}));
  ASSERT_TRUE(answer.has_value());
  const auto weak = operate("auth.password", *answer, {{"new_password", "0123456789"}});
  EXPECT_TRUE(weak.has_value()) << "ten characters, not on the list";
  EXPECT_FALSE(find_user("admin")->must_change_password);

  const auto wrong =
      operate("auth.password", *answer, {{"current_password", "?"}, {"new_password", kPassword}});
  ASSERT_FALSE(wrong.has_value()) << "now the old one is asked for";
  ASSERT_EQ(wrong.error().fields.size(), 1U);
  EXPECT_EQ(wrong.error().fields.front().pointer, "/current_password");
  const auto common =
      operate("auth.password", *answer,
              {{"current_password", "0123456789"}, {"new_password", "PASSWORD123"}});
  ASSERT_FALSE(common.has_value());
  EXPECT_EQ(common.error().fields.front().pointer, "/new_password");
  ASSERT_TRUE(operate("auth.password", *answer,
                      {{"current_password", "0123456789"}, {"new_password", kPassword}})
                  .has_value());
  EXPECT_FALSE(login("admin", "0123456789").has_value());
  EXPECT_TRUE(login("admin", kPassword).has_value());
}

TEST_F(Sessions, ABcryptHashIsImportedAndRenewedAtTheFirstLogin) {
  first_run();
  const auto admin = session();
  const auto* const hash = "$2y$05$tSnsUYpHbc1EEQT4PovGxepFqGcGNJ6SaTyYRYa6jZTdNnXdRGm1e";
  ASSERT_TRUE(operate("users.create", admin,
                      {{"username", "old"}, {"password_hash", hash}, {"role", "viewer"}}));
  EXPECT_FALSE(login("old", "wrong horse"));
  ASSERT_TRUE(login("old", "correct horse"));
  EXPECT_TRUE(find_user("old")->password_hash.starts_with("$argon2id$"));
  EXPECT_TRUE(login("old", "correct horse"));
}

}  // namespace
}  // namespace telltale::auth
