#include "auth/sessions.hpp"

#include "auth/operations.hpp"
#include "auth/roles.hpp"
#include "base/encoding.hpp"
#include "base/random.hpp"
#include "store/test_support.hpp"

namespace telltale::auth {
namespace {

using namespace std::chrono_literals;
using base::Code;

const std::string kPassword = "correct horse battery";

class Context final : public runtime::OperationContext {
 public:
  explicit Context(runtime::Actor actor) : actor_(std::move(actor)) {}
  const std::string& id() const override { return id_; }
  const runtime::Actor& actor() const override { return actor_; }
  const std::string& trace_id() const override { return id_; }
  void set_subject(std::string) override {}
  void progress(double, std::optional<double>, std::string, base::JsonObject) override {}
  runtime::TaskResult<base::JsonObject> ask(base::JsonObject) override {
    co_return base::JsonObject();
  }

 private:
  std::string id_ = "op_test";
  runtime::Actor actor_;
};

class Operations final : public runtime::OperationRegistry {
 public:
  void add(runtime::Operation operation) override {
    all.emplace(operation.spec.name, std::move(operation));
  }
  std::map<std::string, runtime::Operation> all;
};

class Sessions : public store::StoreTest {
 protected:
  Sessions() { start(""); }
  ~Sessions() override { service_.reset(); }

  void start(const std::string& secret_key) {
    auto opened = SessionService::open(*store_, runtime_.blocking(), secret_key);
    CHECK(opened);
    service_ = std::move(*opened);
  }
  void restart() {
    service_.reset();
    open();
    start("");
  }
  FirstRun first_run(const std::string& password = kPassword) {
    auto out = service_->first_run(password);
    CHECK(out);
    return *out;
  }
  base::Result<SessionAnswer> login(std::string name, std::string password,
                                    std::string address = "10.0.0.1") {
    return run(service_->login(std::move(name), std::move(password),
                               {.address = std::move(address), .agent = "test"}));
  }
  SessionAnswer session() {
    auto out =
        run(service_->exchange_code(service_->first_run("")->login_code, {.address = "10.0.0.9"}));
    CHECK(out);
    return *out;
  }
  base::Result<SessionAnswer> refresh(const std::string& token) {
    return run(service_->refresh(token, {.address = "10.0.0.1"})).answer;
  }
  bool valid(const SessionAnswer& answer) {
    return service_->authenticate(answer.access_token).has_value();
  }

  // As the dispatcher would run it for this user.
  base::Result<base::Json> operate(const std::string& name, const SessionAnswer& by,
                                   base::Json arguments) {
    Operations operations;
    declare_operations(operations, *service_);
    auto who = service_->authenticate(by.access_token);
    if (!who) return std::unexpected(who.error());
    return run(
        operations.all.at(name).run(std::make_shared<Context>(who->actor), std::move(arguments)));
  }
  // A user without the cost of a password: he comes in by a code.
  std::pair<store::UserRecord, SessionAnswer> add_user(const std::string& name,
                                                       const std::string& role) {
    const store::UserRecord user{
        .id = base::new_id("usr"), .username = name, .role = role, .created_at = clock_.wall()};
    CHECK(run(service_->save_user(user, false)));
    const auto code = "code of " + name;
    CHECK(store_->write_now([&](store::Connection& db) {
      return store::save_login_code(db, base::sha256_hex(code), user.id, clock_.wall() + 1h);
    }));
    auto answer = run(service_->exchange_code(code, {.address = "10.0.0.8"}));
    CHECK(answer);
    return {user, *answer};
  }

  std::optional<store::UserRecord> find_user(std::string_view id_or_name) {
    const auto all = service_->directory();
    const auto* found = all->find_user(id_or_name);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }

  std::unique_ptr<SessionService> service_;
};

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

TEST_F(Sessions, TheLastAdminStaysAndNobodyDeletesHimself) {
  first_run();
  const auto admin = session();
  const auto id = admin.user.id;
  const auto code_of = [](const base::Result<base::Json>& result) {
    return result ? std::optional<Code>() : result.error().code;
  };
  EXPECT_EQ(code_of(operate("users.delete", admin, {{"id", id}})), Code::conflict);
  EXPECT_EQ(code_of(operate("users.update", admin, {{"id", id}, {"disabled", true}})),
            Code::conflict);
  EXPECT_EQ(code_of(operate("users.update", admin, {{"id", id}, {"role", "viewer"}})),
            Code::invalid_argument);

  const auto [second, other] = add_user("second", "admin");
  auto off = second;
  off.disabled = true;
  ASSERT_TRUE(run(service_->save_user(off, true)).has_value());
  EXPECT_EQ(code_of(operate("users.update", admin, {{"id", id}, {"disabled", true}})),
            Code::conflict)
      << "a disabled admin does not count";
  const auto [third, theirs] = add_user("third", "admin");
  EXPECT_EQ(code_of(operate("users.update", theirs, {{"id", id}, {"role", "viewer"}})),
            std::nullopt);
  EXPECT_EQ(find_user(id)->role, "viewer");
  EXPECT_EQ(code_of(operate("users.delete", theirs, {{"id", third.id}})), Code::conflict)
      << "himself, and the last";
  EXPECT_EQ(code_of(operate("users.delete", theirs, {{"id", id}})), std::nullopt);
  EXPECT_FALSE(find_user(id).has_value());
  EXPECT_FALSE(valid(admin)) << "his session is gone with him";
  EXPECT_FALSE(refresh(admin.refresh_token).has_value());
}

TEST_F(Sessions, UsersAreMadeWithOneNameEach) {
  first_run();
  const auto admin = session();
  const auto made = operate("users.create", admin,
                            {{"username", "Ada"},
                             {"password", kPassword},
                             {"role", "viewer"},
                             {"email", "ada@example.com"}});
  ASSERT_TRUE(made.has_value()) << made.error().detail;
  EXPECT_EQ(made->at("username"), "Ada");
  EXPECT_FALSE(made->get_object().contains("password_hash"));
  EXPECT_TRUE(login("ada@EXAMPLE.com", kPassword).has_value());
  const auto twice = operate("users.create", admin,
                             {{"username", "ADA"}, {"password", kPassword}, {"role", "viewer"}});
  ASSERT_FALSE(twice.has_value());
  EXPECT_EQ(twice.error().code, Code::conflict);
  const auto bad =
      operate("users.create", admin, {{"username", ""}, {"password", "short"}, {"role", "king"}});
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().fields.size(), 2U) << bad.error().detail;
  const auto unknown = operate("users.create", admin,
                               {{"username", "x"}, {"password", kPassword}, {"role", "king"}});
  EXPECT_EQ(unknown.error().code, Code::invalid_argument);
  EXPECT_EQ(operate("users.get", admin, {{"id", "nobody"}}).error().code, Code::not_found);
  const auto list = operate("users.list", admin, base::JsonObject());
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(list->at("items").as_array().size(), 2U);
}

TEST_F(Sessions, EveryPermissionDeclaredHereIsKnown) {
  Operations operations;
  declare_operations(operations, *service_);
  EXPECT_GE(operations.all.size(), 8U);
  for (const auto& [name, operation] : operations.all) {
    const auto& permission = operation.spec.permission;
    EXPECT_TRUE(permission == "session" || is_permission(permission))
        << name << " wants " << permission;
  }
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

TEST_F(Sessions, ARoleOfOnesOwnCountsAtOnceAndGoesNoFurtherThanItsMaker) {
  first_run();
  const auto admin = session();
  const base::Json grants =
      base::JsonArray{{{"permissions", {"fleet:read", "tools:call"}}, {"servers", {"git-*"}}}};
  ASSERT_TRUE(operate("roles.create", admin, {{"name", "git"}, {"grants", grants}}));
  const auto [eve, hers] = add_user("eve", "git");
  auto actor = service_->authenticate(hers.access_token)->actor;
  EXPECT_TRUE(actor.sees("git-hub"));
  EXPECT_FALSE(actor.sees("memory"));
  EXPECT_FALSE(actor.sees_all());
  ASSERT_TRUE(
      operate("roles.update", admin,
              {{"name", "git"}, {"grants", base::JsonArray{{{"permissions", {"fleet:read"}}}}}}));
  actor = service_->authenticate(hers.access_token)->actor;
  EXPECT_TRUE(actor.sees("memory"));
  EXPECT_FALSE(actor.may("tools:call"));
  EXPECT_EQ(operate("roles.delete", admin, {{"name", "git"}}).error().code, Code::conflict);
  EXPECT_EQ(operate("roles.update", admin, {{"name", "admin"}, {"grants", grants}}).error().code,
            Code::conflict);
  for (const auto* name : {"", "Git", "a b", "../x"})
    EXPECT_FALSE(operate("roles.create", admin, {{"name", name}, {"grants", grants}})) << name;
}

TEST_F(Sessions, AManagerOfUsersCannotMakeOneMightierThanHimself) {
  first_run();
  const auto admin = session();
  ASSERT_TRUE(
      operate("roles.create", admin,
              {{"name", "helpdesk"},
               {"grants", base::JsonArray{{{"permissions", {"users:manage", "fleet:read"}}}}}}));
  const auto [desk, his] = add_user("desk", "helpdesk");
  const auto denied = [&](const base::Result<base::Json>& answer) {
    return !answer && answer.error().code == Code::permission_denied;
  };
  EXPECT_TRUE(denied(operate("users.create", his,
                             {{"username", "x"}, {"password", kPassword}, {"role", "admin"}})));
  const auto admin_id = find_user("admin")->id;
  EXPECT_TRUE(denied(operate("users.update", his, {{"id", admin_id}, {"password", kPassword}})));
  EXPECT_TRUE(denied(operate("users.delete", his, {{"id", admin_id}})));
  EXPECT_TRUE(denied(operate(
      "roles.create", his,
      {{"name", "more"}, {"grants", base::JsonArray{{{"permissions", {"server:exec"}}}}}})));
  EXPECT_TRUE(denied(operate(
      "roles.update", his,
      {{"name", "helpdesk"}, {"grants", base::JsonArray{{{"permissions", {"fleet:read"}}}}}})))
      << "nobody changes his own role";
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
