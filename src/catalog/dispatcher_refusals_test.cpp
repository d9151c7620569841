// What the dispatcher does not let in: nothing runs, and the audit knows of what looks like an
// attack.
#include "catalog/dispatcher.hpp"
#include "catalog/test_support.hpp"

namespace telltale::catalog {
namespace {

using base::Code;
using base::Json;

TEST_F(DispatcherTest, WithoutThePermissionNothingRunsAndTheAuditKnows) {
  auto asked = call_of("test.change");
  asked.actor = somebody("eve", {{.permissions = {"fleet:read"}}});
  const auto outcome = call(std::move(asked));
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::permission_denied);
  EXPECT_NE(outcome.result.error().detail.find("fleet:operate"), std::string::npos);
  EXPECT_EQ(outcome.operation_id, "");
  EXPECT_EQ(probe.ran, 0);
  EXPECT_EQ(events.of_type("operation").size(), 0U);
  ASSERT_EQ(audited().size(), 1U);
  EXPECT_EQ(audited().front().find("eve test.change refused "), 0U) << audited().front();
  const auto listed = run(store->read([](store::Connection& db) { return audit::list(db, {}); }));
  EXPECT_EQ(listed->front().entry.address, "10.1.2.3");
  EXPECT_EQ(listed->front().entry.subject, "a");
}

TEST_F(DispatcherTest, WhoIsNobodyIsToldToLogIn) {
  auto asked = call_of("test.read");
  asked.actor = {};
  const auto outcome = call(std::move(asked));
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::unauthenticated);
  EXPECT_EQ(probe.ran, 0);
}

TEST_F(DispatcherTest, APermissionHoldsOnTheServersOfItsGrant) {
  const auto on = [&](const std::string& server, std::vector<runtime::Grant> grants) {
    auto asked = call_of("test.on_server");
    asked.arguments.as_object()["name"] = server;
    asked.actor = somebody("eve", std::move(grants));
    return call(std::move(asked));
  };
  using Grants = std::vector<runtime::Grant>;
  const Grants elsewhere{{.permissions = {"fleet:read", "fleet:operate"}, .servers = {"other"}}};
  const Grants sees_only{{.permissions = {"fleet:read"}, .servers = {"files"}},
                         {.permissions = {"fleet:operate"}, .servers = {"other"}}};
  const Grants here{{.permissions = {"fleet:read", "fleet:operate"}, .servers = {"files"}}};
  const auto unseen = on("files", elsewhere);
  const auto missing = on("gone", here);
  ASSERT_FALSE(unseen.result);
  ASSERT_FALSE(missing.result);
  EXPECT_EQ(unseen.result.error().code, Code::not_found) << "what one may not see is not there";
  EXPECT_EQ(unseen.result.error().detail, "no server is called files");
  EXPECT_EQ(missing.result.error().detail, "no server is called gone");
  const auto refused = on("id-of-files", sees_only);
  ASSERT_FALSE(refused.result);
  EXPECT_EQ(refused.result.error().code, Code::permission_denied);
  EXPECT_NE(refused.result.error().detail.find("on files"), std::string::npos);
  EXPECT_EQ(probe.ran, 0);
  EXPECT_TRUE(on("id-of-files", here).result);
}

TEST_F(DispatcherTest, ArgumentsThatDoNotFitAreRefusedByField) {
  const auto with = [&](Json arguments) {
    auto asked = call_of("test.change");
    asked.arguments = std::move(arguments);
    return call(std::move(asked));
  };
  const auto bad = with(JsonObject{{"times", 10}, {"colour", "red"}});
  ASSERT_FALSE(bad.result);
  EXPECT_EQ(bad.result.error().code, Code::invalid_argument);
  std::string fields;
  for (const auto& field : bad.result.error().fields) fields += field.pointer + " ";
  EXPECT_EQ(fields, "/name /times /colour ");
  EXPECT_NE(bad.result.error().detail.find("/name is required"), std::string::npos);
  for (const Json& other : {Json(nullptr), Json("text"), Json(base::JsonArray())}) {
    const auto refused = with(other);
    ASSERT_FALSE(refused.result);
    EXPECT_EQ(refused.result.error().code, Code::invalid_argument);
  }
  EXPECT_EQ(probe.ran, 0);
  EXPECT_EQ(audited(), Lines{}) << "a typing error is not an attack";
}

TEST_F(DispatcherTest, WhatTheAuditCannotKeepIsNotDone) {
  ASSERT_TRUE(run(store->write("test", [](store::Connection& db) {
    return db.run(
        "CREATE TRIGGER no_room BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END");
  })));
  const auto outcome = call(call_of("test.change"));
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Code::storage);
  EXPECT_EQ(probe.ran, 0);
  EXPECT_TRUE(call(call_of("test.read")).result) << "reads go on";
}

}  // namespace
}  // namespace telltale::catalog
