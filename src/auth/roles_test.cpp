#include "auth/roles.hpp"

#include <gtest/gtest.h>

#include "runtime/operation.hpp"

namespace telltale::auth {
namespace {

TEST(Roles, EachMayWhatTheOneBelowMayAndMore) {
  const auto viewer = builtin_rights("viewer");
  const auto op = builtin_rights("operator");
  const auto admin = builtin_rights("admin");
  EXPECT_TRUE(op->cover(*viewer));
  EXPECT_TRUE(admin->cover(*op));
  EXPECT_FALSE(viewer->cover(*op));
  EXPECT_FALSE(op->cover(*admin));
  for (const auto& permission : all_permissions())
    EXPECT_TRUE(admin->everywhere(permission.name)) << permission.name;

  struct Expected {
    std::string_view permission;
    bool viewer, op;
  };
  for (const auto& [permission, viewer_may, op_may] :
       {Expected{"fleet:read", true, true}, Expected{"tools:read", true, true},
        Expected{"tools:call", false, true}, Expected{"fleet:operate", false, true},
        Expected{"operations:cancel", false, true}, Expected{"fleet:define", false, false},
        Expected{"server:exec", false, false}, Expected{"users:manage", false, false},
        Expected{"keys:manage", false, false}, Expected{"config:reload", false, false}}) {
    EXPECT_EQ(viewer->may(permission), viewer_may) << permission;
    EXPECT_EQ(op->may(permission), op_may) << permission;
  }
}

TEST(Roles, AnUnknownRoleMayNothing) {
  for (const std::string_view role : {"", "Admin", "root", "admin "}) {
    EXPECT_FALSE(is_builtin_role(role)) << role;
    EXPECT_EQ(builtin_rights(role), nullptr) << role;
  }
}

TEST(Actor, MayByIdAndRights) {
  const runtime::Actor nobody;
  EXPECT_TRUE(nobody.may("public"));
  EXPECT_FALSE(nobody.may("session"));
  EXPECT_FALSE(nobody.may("fleet:read"));
  EXPECT_FALSE(nobody.sees("anything"));
  const runtime::Actor viewer{.id = "usr_1", .role = "viewer", .rights = builtin_rights("viewer")};
  EXPECT_TRUE(viewer.may("public"));
  EXPECT_TRUE(viewer.may("session"));
  EXPECT_TRUE(viewer.sees("anything"));
  EXPECT_FALSE(viewer.may("tools:call"));
}

}  // namespace
}  // namespace telltale::auth
