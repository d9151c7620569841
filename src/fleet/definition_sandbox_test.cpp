#include "fleet/definition_sandbox.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace telltale::fleet {
namespace {

base::Result<Definition> parse(std::string_view text) {
  return parse_definition("one", base::parse_json(text)->get_object(), "/mcpServers/one");
}
std::string wrong(std::string_view text) {
  const auto parsed = parse(text);
  return parsed || parsed.error().fields.empty() ? "" : parsed.error().fields.front().pointer;
}

TEST(DefinitionSandbox, SaysWhatTheProcessMay) {
  const auto one = parse(R"({"command": "/bin/true", "env": {"A": "b"}, "telltale": {
    "sandbox": "strict", "sandbox_required": false, "sandbox_network": true,
    "sandbox_read": ["/srv/data"], "memory_limit_mb": 2, "nice": 5}})");
  ASSERT_TRUE(one) << one.error().detail;
  const std::vector<std::string> hidden{"/var/lib/telltale"};
  const auto process = process_of(*one, hidden);
  EXPECT_EQ(process.sandbox.level, net::SandboxLevel::strict);
  EXPECT_FALSE(process.sandbox.required);
  EXPECT_EQ(process.sandbox.network, true);
  EXPECT_EQ(process.sandbox.read, std::vector<std::string>{"/srv/data"});
  EXPECT_EQ(process.sandbox.hidden, hidden);
  EXPECT_EQ(process.limits.memory_bytes, 2U << 20U);
  EXPECT_EQ(process.limits.nice, 5);
  EXPECT_EQ(process.environment.at("A"), "b");
}

TEST(DefinitionSandbox, WhatIsWrongIsNamed) {
  const std::string at = "/mcpServers/one";
  EXPECT_EQ(wrong(R"({"command": "x", "telltale": {"sandbox": "tight"}})"),
            at + "/telltale/sandbox");
  EXPECT_EQ(wrong(R"({"type": "http", "url": "http://a.b/", "telltale": {"sandbox": "strict"}})"),
            at + "/telltale/sandbox");
  EXPECT_EQ(wrong(R"({"command": "x", "telltale": {"sandbox_read": ["/a", "b"]}})"),
            at + "/telltale/sandbox_read/1");
  EXPECT_EQ(wrong(R"({"command": "x", "telltale": {"sandbox_write": ["/a/../etc"]}})"),
            at + "/telltale/sandbox_write/0");
  for (const std::string name : {"LD_PRELOAD", "LD_LIBRARY_PATH", "GLIBC_TUNABLES"}) {
    const auto text = R"({"command": "x", "env": {")" + name + R"(": "/evil.so"}, "telltale": )";
    EXPECT_EQ(wrong(text + R"({"sandbox": "standard"}})"), fmt::format("{}/env/{}", at, name));
    EXPECT_EQ(wrong(text + "{}}"), "");
  }
}

TEST(DefinitionSandbox, FromOutsideTheDefaultIsASandbox) {
  const auto with = [](std::string_view text) {
    return base::write_json(with_default_sandbox(base::parse_json(text)->get_object()));
  };
  EXPECT_EQ(with(R"({"command":"x"})"),
            R"({"command":"x","telltale":{"sandbox":"standard","sandbox_required":false}})");
  EXPECT_EQ(with(R"({"command":"x","telltale":{"sandbox":"none"}})"),
            R"({"command":"x","telltale":{"sandbox":"none"}})");
  EXPECT_EQ(with(R"({"url":"http://a.b/"})"), R"({"url":"http://a.b/"})");
}

}  // namespace
}  // namespace telltale::fleet
