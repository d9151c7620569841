#include "api/assets.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "api/security_headers.hpp"

namespace telltale::api {
namespace {

const std::vector<Asset>& files() {
  static const std::vector<Asset> kFiles{
      {"/assets/app-1.js", "text/javascript", "\"js\"", "plain js", "gz js", "br js"},
      {"/favicon.svg", "image/svg+xml", "\"svg\"", "svg", "", ""},
      {"/index.html", "text/html; charset=utf-8", "\"html\"", "page", "gz page", ""}};
  return kFiles;
}

std::optional<net::Response> get(std::string path, std::string encodings = "", std::string tag = "",
                                 std::string method = "GET") {
  net::Request request{.method = std::move(method), .path = std::move(path)};
  if (!encodings.empty()) request.headers.set("accept-encoding", std::move(encodings));
  if (!tag.empty()) request.headers.set("if-none-match", std::move(tag));
  return serve_asset(request, files());
}

TEST(Assets, TheSmallestFormTheBrowserTakes) {
  EXPECT_EQ(get("/assets/app-1.js")->body, "plain js");
  EXPECT_EQ(get("/assets/app-1.js", "gzip, deflate")->body, "gz js");
  const auto brotli = get("/assets/app-1.js", "gzip, deflate, br;q=0.9");
  EXPECT_EQ(brotli->body, "br js");
  EXPECT_EQ(brotli->headers.get("content-encoding"), "br");
  EXPECT_EQ(brotli->headers.get("vary"), "accept-encoding");
  EXPECT_EQ(get("/favicon.svg", "br, gzip")->body, "svg") << "it has no packed form";
  EXPECT_FALSE(get("/favicon.svg", "br")->headers.contains("content-encoding"));
}

TEST(Assets, NamesWithAHashAreKeptForEver) {
  EXPECT_EQ(get("/assets/app-1.js")->headers.get("cache-control"),
            "public, max-age=31536000, immutable");
  EXPECT_EQ(get("/index.html")->headers.get("cache-control"), "no-cache");
  const auto same = get("/index.html", "", "\"html\"");
  EXPECT_EQ(same->status, 304);
  EXPECT_EQ(same->body, "");
  EXPECT_EQ(get("/index.html", "", "\"old\"")->status, 200);
}

TEST(Assets, ADeepLinkIsThePage) {
  for (const auto* const path : {"/", "/servers", "/servers/a.b", "/login", "/settings/users"}) {
    const auto page = get(path);
    ASSERT_TRUE(page.has_value()) << path;
    EXPECT_EQ(page->body, "page") << path;
  }
  for (const auto* const path : {"/api/none", "/ws", "/auth/x", "/assets/none.js", "/none.js",
                                 "/../etc/passwd.txt", "/robots.txt"})
    EXPECT_FALSE(get(path).has_value()) << path;
  EXPECT_FALSE(get("/", "", "", "POST").has_value());
  EXPECT_TRUE(get("/", "", "", "HEAD").has_value());
}

TEST(Assets, ABinaryWithoutADashboardSaysSo) {
  const net::Request request{.method = "GET", .path = "/"};
  EXPECT_EQ(serve_asset(request, {})->status, 503);
}

TEST(Assets, TheEmbeddedOnesAreSorted) {  // found by bisection
  EXPECT_TRUE(std::ranges::is_sorted(embedded_assets(), {}, &Asset::path));
}

// The value of a fixed line; empty when there is none.
std::string_view fixed(const net::Response& response, std::string_view name) {
  const auto start =
      ("\r\n" + std::string(response.fixed_headers)).find("\r\n" + std::string(name) + ": ");
  if (start == std::string::npos) return {};
  auto line = response.fixed_headers.substr(start);
  line = line.substr(0, line.find("\r\n"));
  return line.substr(line.find(": ") + 2);
}

TEST(SecurityHeaders, PagesAndData) {
  net::Response page;
  page.headers.set("content-type", "text/html; charset=utf-8");
  add_security_headers(true, page);
  const auto policy = fixed(page, "content-security-policy");
  for (const auto* const part :
       {"default-src 'none'", "script-src 'self'", "object-src 'none'", "base-uri 'none'",
        "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types worker"})
    EXPECT_NE(policy.find(part), std::string::npos) << part;
  for (const auto* const part : {"unsafe", "*", "http:", "https:"})
    EXPECT_EQ(policy.find(part), std::string::npos) << part;
  EXPECT_EQ(fixed(page, "x-content-type-options"), "nosniff");
  EXPECT_EQ(fixed(page, "x-frame-options"), "DENY");
  EXPECT_NE(fixed(page, "strict-transport-security"), "");
  net::Response data;
  data.headers.set("content-type", "application/json");
  add_security_headers(false, data);
  EXPECT_EQ(fixed(data, "content-security-policy"),
            "default-src 'none'; frame-ancestors 'none'; sandbox");
  EXPECT_EQ(fixed(data, "x-content-type-options"), "nosniff");
  EXPECT_EQ(fixed(data, "strict-transport-security"), "") << "plain HTTP";
  EXPECT_TRUE(data.fixed_headers.ends_with("\r\n")) << "whole lines";
  net::Response unknown;  // no type: may be shown as a page, so the page's policy
  add_security_headers(false, unknown);
  EXPECT_NE(fixed(unknown, "x-frame-options"), "");
}

}  // namespace
}  // namespace telltale::api
