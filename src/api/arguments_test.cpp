#include "api/arguments.hpp"

#include <gtest/gtest.h>

namespace telltale::api {
namespace {

base::JsonObject schema() {
  return base::parse_json(R"({"properties":{"n":{"type":"integer"},"x":{"type":"number"},
      "b":{"type":"boolean"},"l":{"type":"array"},"s":{"type":"string"},"id":{"type":"string"}}})")
      ->get_object();
}

net::Request request(std::string body, std::string type = "application/json") {
  net::Request out{.method = "POST", .body = std::move(body)};
  if (!type.empty()) out.headers.set("content-type", std::move(type));
  return out;
}

std::string arguments(const net::Request& from, const PathParameters& path = {}) {
  const auto got = arguments_of(from, path, schema());
  return got ? base::write_json(*got) : "refused: " + got.error().fields[0].message;
}

TEST(Arguments, QueryTextTakesTheTypeOfItsField) {
  net::Request from{.query = {{"n", "-5"}, {"x", "2.5"}, {"b", "1"}, {"l", "a,b"}, {"s", "7"}}};
  EXPECT_EQ(arguments(from), R"({"n":-5,"x":2.5E0,"b":true,"l":["a","b"],"s":"7"})");
}

TEST(Arguments, TextThatDoesNotReadStaysTextForTheValidationToName) {
  net::Request from{.query = {{"n", "5x"}, {"x", ""}, {"b", "yes"}, {"unknown", "1"}}};
  EXPECT_EQ(arguments(from), R"({"n":"5x","x":"","b":"yes","unknown":"1"})");
}

TEST(Arguments, ThePathBeatsTheQueryAndTheQueryTheBody) {
  auto from = request(R"({"id":"body","n":1,"s":"body"})");
  from.query = {{"id", "query"}, {"n", "2"}};
  EXPECT_EQ(arguments(from, {{"id", "path"}}), R"({"id":"path","n":2,"s":"body"})");
}

TEST(Arguments, CredentialsAreNoArguments) {
  net::Request from{.query = {{"token", "secret"}, {"ticket", "secret"}, {"s", "x"}}};
  EXPECT_EQ(arguments(from), R"({"s":"x"})");
}

// A form or plain text could come from a foreign page without a preflight.
TEST(Arguments, ABodyIsAJsonObjectAndSaysSo) {
  for (const auto* const type :
       {"application/json", "application/json; charset=utf-8", "application/merge-patch+json"})
    EXPECT_EQ(arguments(request(R"({"n":1})", type)), R"({"n":1})") << type;
  for (const auto* const type : {"", "text/plain", "application/x-www-form-urlencoded",
                                 "multipart/form-data", "text/json", "application/xml"})
    EXPECT_TRUE(arguments(request(R"({"n":1})", type)).starts_with("refused")) << type;
  for (const auto* const body : {"[]", "1", "null", "\"x\""})
    EXPECT_TRUE(arguments(request(body)).starts_with("refused")) << body;
  EXPECT_FALSE(arguments_of(request("{"), {}, schema()).has_value());
  EXPECT_EQ(arguments(request("", "")), "{}") << "no body needs no type";
}

}  // namespace
}  // namespace telltale::api
