#include "fleet/discovery.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace telltale::fleet {
namespace {

namespace fs = std::filesystem;

// A home folder of its own.
class Discovery : public testing::Test {
 protected:
  Discovery() {
    std::string pattern = testing::TempDir() + "discoveryXXXXXX";
    root_ = mkdtemp(pattern.data());
    fs::create_directories(home());
  }
  ~Discovery() override { fs::remove_all(root_); }

  fs::path home() const { return root_ / "home"; }
  void write(const fs::path& path, std::string_view text) const {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::vector<FoundFile> found(std::string project = "") const {
    return discover({.home = home().string(), .project = std::move(project)});
  }

 private:
  fs::path root_;

 public:
  const fs::path& root() const { return root_; }
};

const FoundServer* server(const std::vector<FoundFile>& files, std::string_view name) {
  for (const auto& file : files)
    for (const auto& one : file.servers)
      if (one.name == name) return &one;
  return nullptr;
}

TEST_F(Discovery, FindsWhatEachProgramHas) {
  write(home() / ".config/Claude/claude_desktop_config.json",
        R"({"mcpServers": {"desktop": {"command": "npx", "args": ["-y", "a"]}}})");
  write(home() / ".config/Code/User/mcp.json",
        "// mine\n{\"servers\": {\"code\": {\"type\": \"http\", \"url\": "
        "\"http://127.0.0.1:1/mcp\"},},}");
  write(home() / ".config/Code/User/settings.json",
        R"({"editor.fontSize": 12, "mcp": {"servers": {"old": {"command": "x"}}}})");
  write(home() / ".cursor/mcp.json", R"({"mcpServers": {"cursor": {"command": "x"}}})");
  write(home() / ".codeium/windsurf/mcp_config.json",
        R"({"mcpServers": {"surf": {"serverUrl": "https://a.example/sse"}}})");
  write(home() / ".claude.json", R"({"mcpServers": {"user": {"command": "x"}}, "projects": {")" +
                                     (home() / "p").string() +
                                     R"(": {"mcpServers": {"local": {"command": "x"}}}}})");
  write(home() / "p/.mcp.json", R"({"mcpServers": {"shared": {"command": "x"}}})");
  write(home() / "q/.mcp.json", R"({"mcpServers": {"here": {"command": "x"}}})");
  const auto files = found((home() / "q").string());
  for (const auto* name :
       {"desktop", "code", "old", "cursor", "surf", "user", "local", "shared", "here"}) {
    const auto* one = server(files, name);
    ASSERT_NE(one, nullptr) << name;
    EXPECT_EQ(one->problem, "") << name;
  }
  EXPECT_EQ(base::string_or(server(files, "surf")->source, "url"), "https://a.example/sse");
  EXPECT_EQ(files.size(), 9U);
}

TEST_F(Discovery, ShowsNoValueOfAVariableOrAHeader) {
  write(home() / ".cursor/mcp.json", R"({"mcpServers": {
    "a": {"command": "run", "args": ["--api-key", "hush1", "--token=hush2", "--header",
          "Authorization: hush3", "plain"], "env": {"KEY": "hush4"}},
    "b": {"url": "https://me:hush5@a.example/mcp?key=hush6", "headers": {"X-Key": "hush7"}}}})");
  const auto files = found();
  ASSERT_EQ(files.size(), 1U);
  const auto text = base::write_json(shown(files[0]));
  EXPECT_FALSE(text.contains("hush")) << text;
  EXPECT_TRUE(text.contains("plain") && text.contains("KEY") && text.contains("X-Key")) << text;
  EXPECT_TRUE(text.contains("https://a.example/mcp")) << text;
  EXPECT_TRUE(base::write_json(files[0].servers[0].source).contains("hush4"));
}

TEST_F(Discovery, SaysWhatIsWrong) {
  write(home() / ".cursor/mcp.json", "{\"mcpServers\": {");
  write(home() / ".config/Code/User/mcp.json", R"({"inputs": []})");
  write(home() / ".codeium/windsurf/mcp_config.json", R"({"mcpServers": {
    "none": {}, "file": {"command": "x", "envFile": ".env"}, "text": "x",
    "input": {"command": "x", "env": {"T": "${input:token}"}}}})");
  const auto files = found();
  ASSERT_EQ(files.size(), 3U);
  EXPECT_TRUE(files[0].problem.contains("has no \"servers\"")) << files[0].problem;
  EXPECT_TRUE(files[1].problem.contains("not valid JSON at line 1")) << files[1].problem;
  EXPECT_TRUE(server(files, "none")->problem.contains("needs a command"));
  EXPECT_TRUE(server(files, "file")->problem.contains("envFile"));
  EXPECT_EQ(server(files, "text")->problem, "is no object");
  EXPECT_TRUE(server(files, "input")->problem.contains("${input:token}"));
}

TEST_F(Discovery, ReplacesWhatItsProgramWouldReplace) {
  write(home() / ".claude.json",
        R"({"mcpServers": {"a": {"command": "x", "env": {"A": "${HERE}", "B": "${env:B}"}},
            "b": {"command": "x", "args": ["${HERE:-there}"]}}})");
  write(home() / ".cursor/mcp.json",
        R"({"mcpServers": {"c/d": {"command": "${userHome}/x", "disabled": true}}})");
  write(home() / ".config/Claude/claude_desktop_config.json",
        R"({"mcpServers": {"sh": {"command": "sh", "args": ["-c", "echo ${A}"]}}})");
  const auto files = found();
  const auto* env = base::find_object(server(files, "a")->source, "env");
  EXPECT_EQ(base::string_or(*env, "A"), "${env:HERE}");
  EXPECT_EQ(base::string_or(*env, "B"), "${env:B}");
  EXPECT_TRUE(server(files, "b")->problem.contains("${HERE:-there}"));
  const auto* cursor = server(files, "c/d");
  EXPECT_EQ(cursor->own_name, "c-d");
  EXPECT_EQ(base::string_or(cursor->source, "command"), home().string() + "/x");
  EXPECT_EQ(base::find_bool(*base::find_object(cursor->source, "telltale"), "autostart"), false);
  EXPECT_EQ(server(files, "sh")->problem, "");
}

TEST_F(Discovery, StaysInTheHomeFolder) {
  write(root() / "elsewhere.json", R"({"mcpServers": {"secret": {"command": "x"}}})");
  fs::create_directories(home() / ".cursor");
  fs::create_symlink(root() / "elsewhere.json", home() / ".cursor/mcp.json");
  write(home() / "dotfiles/surf.json", R"({"mcpServers": {"linked": {"command": "x"}}})");
  fs::create_directories(home() / ".codeium/windsurf");
  fs::create_symlink(home() / "dotfiles/surf.json", home() / ".codeium/windsurf/mcp_config.json");
  write(root() / "project/.mcp.json", R"({"mcpServers": {"outside": {"command": "x"}}})");
  const auto files = found((root() / "project").string());
  EXPECT_EQ(server(files, "secret"), nullptr);
  EXPECT_EQ(server(files, "outside"), nullptr);
  EXPECT_NE(server(files, "linked"), nullptr);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_TRUE(files[0].problem.contains("leads outside of the home folder"));
}

TEST_F(Discovery, IsBoundedAndCanBeOff) {
  write(home() / ".cursor/mcp.json", std::string((8U << 20U) + 1, ' '));
  ASSERT_EQ(found().size(), 1U);
  EXPECT_EQ(found()[0].problem, "is over 8 MiB");
  EXPECT_TRUE(discover({.enabled = false, .home = home().string()}).empty());
  EXPECT_TRUE(discover({}).empty());
}

}  // namespace
}  // namespace telltale::fleet
