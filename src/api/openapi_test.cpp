#include "api/openapi.hpp"

#include <gtest/gtest.h>

namespace telltale::api {

struct CallInput {
  std::string id, tool;
  base::JsonObject arguments;
  std::optional<int> limit;
};
BOOST_DESCRIBE_STRUCT(CallInput, (), (id, tool, arguments, limit))
constexpr auto field_rules(const CallInput*) {
  return std::array{base::FieldRule{.name = "limit", .help = "how many", .maximum = 9}};
}
struct CallOutput {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(CallOutput, (), (text))

namespace {

runtime::TaskResult<CallOutput> answer(runtime::ContextPtr, CallInput) {
  co_return CallOutput{.text = "x"};
}

base::JsonObject document() {
  catalog::Catalog catalog;
  catalog.add(runtime::declare<CallInput, CallOutput>(
      {.name = "tools.call",
       .help = "Calls",
       .permission = "tools:call",
       .changes = true,
       .routes = {{"POST", "/api/servers/{id}/tools/{tool}/call", 201}},
       .group = "tools"},
      answer));
  catalog.add(runtime::declare<CallInput, CallOutput>({.name = "tools.list",
                                                       .help = "Lists",
                                                       .permission = "public",
                                                       .routes = {{"GET", "/api/servers/{id}"}},
                                                       .group = "tools"},
                                                      answer));
  return base::parse_json(openapi_document(catalog, {}, "1.2.3"))->get_object();
}

TEST(OpenApi, APostTakesABodyWithoutWhatThePathSays) {
  const auto doc = document();
  EXPECT_EQ(doc.at("openapi"), "3.1.0");
  EXPECT_EQ(doc.at("info").at("version"), "1.2.3");
  const auto& entry = doc.at("paths").at("/api/servers/{id}/tools/{tool}/call").at("post");
  EXPECT_EQ(entry.at("operationId"), "tools.call");
  EXPECT_EQ(entry.at("x-permission"), "tools:call");
  EXPECT_FALSE(entry.as_object().contains("security"));
  const auto& body = entry.at("requestBody").at("content").at("application/json").at("schema");
  EXPECT_EQ(body.at("required"), *base::parse_json(R"(["arguments"])"));
  EXPECT_FALSE(body.at("properties").as_object().contains("id"));
  EXPECT_TRUE(body.at("properties").as_object().contains("limit"));
  std::vector<std::string> parameters;
  for (const auto& one : entry.at("parameters").as_array())
    parameters.push_back(std::string(one.at("in").as_string()) + " " +
                         std::string(one.at("name").as_string()));
  EXPECT_EQ(parameters,
            (std::vector<std::string>{"path id", "path tool", "header Idempotency-Key"}));
  const auto& responses = entry.at("responses").as_object();
  EXPECT_EQ(responses.at("201").at("content").at("application/json").at("schema").at("required"),
            *base::parse_json(R"(["text"])"));
  EXPECT_TRUE(responses.contains("202"));
  EXPECT_TRUE(responses.contains("default"));
}

TEST(OpenApi, WhepAndWhipAreInItToo) {
  const auto doc = document();
  for (const std::string name : {"whep", "whip"}) {
    const auto& post = doc.at("paths").at("/" + name + "/{source}").at("post");
    EXPECT_TRUE(post.at("requestBody").at("content").as_object().contains("application/sdp"));
    EXPECT_TRUE(post.at("responses").at("201").at("headers").as_object().contains("Location"));
    EXPECT_FALSE(post.as_object().contains("security")) << "a login is needed";
    const auto& session = doc.at("paths").at("/" + name + "/{source}/{session}").as_object();
    EXPECT_TRUE(session.contains("delete"));
    const auto& answers = session.at("patch").at("responses").as_object();
    for (const auto* const status : {"200", "204", "412", "428"})
      EXPECT_TRUE(answers.contains(status)) << status;
  }
}

TEST(OpenApi, AGetTakesAQueryAndPublicNeedsNoLogin) {
  const auto doc = document();
  const auto& entry = doc.at("paths").at("/api/servers/{id}").at("get");
  EXPECT_EQ(entry.at("security"), base::Json(base::JsonArray()));
  EXPECT_FALSE(entry.as_object().contains("requestBody"));
  bool seen = false;
  for (const auto& one : entry.at("parameters").as_array()) {
    if (one.at("name") != "limit") continue;
    seen = true;
    EXPECT_EQ(one.at("in"), "query");
    EXPECT_EQ(one.at("required"), false);
    EXPECT_EQ(one.at("description"), "how many");
    EXPECT_EQ(one.at("schema").at("maximum"), 9);
  }
  EXPECT_TRUE(seen);
  EXPECT_TRUE(doc.at("components").at("schemas").as_object().contains("Problem"));
}

}  // namespace
}  // namespace telltale::api
