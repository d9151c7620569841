// The operations on users and roles: one name each, an admin who stays, and nobody who makes
// another mightier than himself.
#include "auth/operations.hpp"
#include "auth/roles.hpp"
#include "auth/test_support.hpp"

namespace telltale::auth {
namespace {

using base::Code;

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

}  // namespace
}  // namespace telltale::auth
