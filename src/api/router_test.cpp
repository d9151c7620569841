#include "api/router.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace telltale::api {
namespace {

Router<std::string> router() {
  Router<std::string> out;
  for (const auto* const path : {"/api/servers/{id}", "/api/servers", "/api/servers/summary",
                                 "/api/servers/{id}/tools/{tool}/call", "/api/{kind}/stats", "/"})
    for (const auto* const method : {"GET", "DELETE"})
      out.add(method, path, std::string(method) + " " + path);
  out.add("POST", "/api/servers", "POST /api/servers");
  return out;
}

std::string found(std::string_view method, std::string_view path) {
  const auto routes = router();
  const auto match = routes.find(method, path);
  std::string out = match.target == nullptr ? "none" : *match.target;
  for (const auto& [name, value] : match.parameters) out += fmt::format(" {}={}", name, value);
  return out;
}

TEST(Router, LiteralsWinOverNames) {
  EXPECT_EQ(found("GET", "/api/servers"), "GET /api/servers");
  EXPECT_EQ(found("GET", "/api/servers/summary"), "GET /api/servers/summary");
  EXPECT_EQ(found("GET", "/api/servers/summary2"), "GET /api/servers/{id} id=summary2");
  EXPECT_EQ(found("GET", "/api/servers/stats"), "GET /api/servers/{id} id=stats");
  EXPECT_EQ(found("GET", "/api/users/stats"), "GET /api/{kind}/stats kind=users");
}

TEST(Router, NamesTakeOneDecodedSegment) {
  EXPECT_EQ(found("GET", "/api/servers/a%20b%2Fc"), "GET /api/servers/{id} id=a b/c");
  EXPECT_EQ(found("GET", "/api/servers/a+b"), "GET /api/servers/{id} id=a+b");
  EXPECT_EQ(found("DELETE", "/api/servers/x/tools/y%2e/call"),
            "DELETE /api/servers/{id}/tools/{tool}/call id=x tool=y.");
  EXPECT_EQ(found("GET", "/api/servers/.."), "GET /api/servers/{id} id=..") << "no path is walked";
}

TEST(Router, WhatIsNotThere) {
  for (const auto* const path :
       {"/api", "/api/servers/", "/api/servers//", "/api/servers/%zz", "/api/servers/%",
        "/api/servers/a/b", "/API/servers", "/api%2Fservers", "api/servers/x/y/z", "//api/servers"})
    EXPECT_EQ(found("GET", path), "none") << path;
}

TEST(Router, AKnownPathWithAnotherMethodNamesWhatItTakes) {
  const auto routes = router();
  const auto match = routes.find("PUT", "/api/servers");
  EXPECT_EQ(match.target, nullptr);
  EXPECT_EQ(match.allowed, (std::vector<std::string>{"GET", "DELETE", "POST"}));
  EXPECT_TRUE(routes.find("PUT", "/nowhere").allowed.empty());
  EXPECT_EQ(found("get", "/api/servers"), "none") << "methods have a case";
}

}  // namespace
}  // namespace telltale::api
