// A client on a real loop against a real server: a Node program as a child (stdio), or one that
// listens on a free port of loopback and is found by the address it prints. Everything ends with
// the test; what the listener hears is kept.
#pragma once

#include <filesystem>

#include <gtest/gtest.h>

#include "mcp/client.hpp"
#include "runtime/run.hpp"
#include "runtime/runtime.hpp"
#include "runtime/sync.hpp"

namespace telltale::mcp {

using namespace std::chrono_literals;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using runtime::TaskResult;

inline std::string source_path(const std::string& relative) {
  return std::string(TELLTALE_SOURCE_DIR) + "/" + relative;
}
inline const std::string kServers = "tests/support/servers/";
inline const std::string kNpm = "examples/demo/node_modules/@modelcontextprotocol/";

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() : runtime_(1) {
    net::become_subreaper();  // so that orphans of the servers are reaped and seen to be gone
    runtime_.start();
    group_ = std::make_unique<runtime::TaskGroup>(loop(), "test");
    changed_ = std::make_unique<runtime::Notifier>(loop());
  }
  ~ClientTest() override {
    close();
    if (server_) run(stop_server(this));
    run(stop_group(this));
    on_loop([this] {
      changed_.reset();
      group_.reset();
      server_.reset();
      return true;
    });
    EXPECT_EQ(runtime_.tasks().running_count(), 0U);
    runtime_.stop();
  }

  static net::ProcessSpec node(const std::string& script, std::vector<std::string> words = {},
                               std::map<std::string, std::string> more = {}) {
    const auto path = source_path(script);
    if (!std::filesystem::exists(path))
      ADD_FAILURE() << path
                    << " is not there: npm ci in examples/demo and tests/support/servers (./dev "
                       "test does it)";
    const auto packages = source_path(kServers + "node_modules");
    if (!std::filesystem::exists(packages))
      ADD_FAILURE() << packages
                    << " is not there: npm ci in tests/support/servers (./dev test does it)";
    words.insert(words.begin(), path);
    return {.command = "node",
            .arguments = std::move(words),
            .environment = net::child_environment(more)};
  }

  // Starts a server that prints where it listens; returns its address.
  std::string listen(const std::string& script, std::vector<std::string> words = {}) {
    words.emplace_back("--until-stdin-ends");
    return start_listening(node(script, std::move(words), {{"PORT", "0"}}), "listening on ");
  }
  std::string start_listening(net::ProcessSpec spec, std::string sign) {
    address_.clear();
    on_loop([&] {
      net::Process::Events events;
      events.stdout_line = [](std::string_view) {};
      events.stderr_line = [this, sign](std::string_view line) {
        const auto at = line.find(sign);
        if (at == std::string_view::npos || !address_.empty()) return;
        address_ = line.substr(at + sign.size());
        changed_->notify_all();
      };
      events.stdout_closed = [](const base::Error&) {};
      events.exited = [](const net::ProcessExit&) {};
      auto spawned = net::Process::spawn(loop(), std::move(spec), std::move(events));
      if (spawned)
        server_ = std::move(*spawned);
      else
        ADD_FAILURE() << spawned.error().detail;
      return true;
    });
    EXPECT_TRUE(eventually([this] { return !address_.empty(); })) << "the server does not listen";
    return on_loop([this] { return address_; });
  }

  void make(Target target) {
    close();
    listener_.on_finding = [this](const Finding& found) { note(findings_, found.rule); };
    listener_.on_stderr = [this](std::string_view) { ++stderr_lines_; };
    listener_.on_list_changed = [this](std::string_view kind) {
      note(changed_lists_, std::string(kind));
    };
    listener_.on_closed = [this](const base::Error& why) { note(closed_because_, why.detail); };
    listener_.on_message = [this](char direction, std::string_view text) {
      if (direction == '>') sent_.emplace_back(text);
    };
    on_loop([&] {
      client_ = std::make_unique<Client>(loop(), std::move(target), settings_, listener_);
      return true;
    });
  }
  base::Result<SessionInfo> connect(Target target) {
    make(std::move(target));
    return run(client_->connect());
  }
  void close(base::Duration grace = 2s) {
    if (!client_) return;
    run(close_client(this, grace));
  }

  template <class T>
  T run(runtime::Task<T> task) {
    return *runtime::run_to_completion(loop(), *group_, "test", std::move(task));
  }
  template <class Function, class Value = std::invoke_result_t<Function>>
  Value on_loop(Function function) {
    std::promise<Value> promise;
    auto future = promise.get_future();
    loop().post([&] { promise.set_value(function()); });
    return future.get();
  }
  // Waits for what the listener brings; the condition runs on the loop.
  bool eventually(std::function<bool()> condition, base::Duration limit = 20s) {
    return run(wait_until(this, std::move(condition), limit));
  }
  base::Result<ToolCallResult> call(std::string name, JsonObject arguments = {},
                                    CallOptions options = {}) {
    return run(client_->call_tool(std::move(name), std::move(arguments), std::move(options)));
  }
  static std::string text_of(const base::Result<ToolCallResult>& outcome) {
    if (!outcome) return "error: " + outcome.error().detail;
    const auto* content = base::find_array(outcome->result, "content");
    if (content == nullptr || content->empty()) return "no content";
    return base::string_or(content->front().as_object(), "text");
  }
  bool found(const std::string& rule) {
    return on_loop([&] { return std::ranges::find(findings_, rule) != findings_.end(); });
  }

  runtime::Loop& loop() { return runtime_.loop(0); }

  runtime::Runtime runtime_;
  std::unique_ptr<runtime::TaskGroup> group_;
  std::unique_ptr<runtime::Notifier> changed_;
  std::unique_ptr<net::Process> server_;
  std::string address_;
  ClientSettings settings_;
  Listener listener_;
  std::unique_ptr<Client> client_;
  std::vector<std::string> findings_;
  std::vector<std::string> changed_lists_;
  std::vector<std::string> closed_because_;
  std::vector<std::string> sent_;
  std::size_t stderr_lines_ = 0;

 private:
  void note(std::vector<std::string>& list, std::string what) {
    list.push_back(std::move(what));
    changed_->notify_all();
  }
  static runtime::Task<bool> wait_until(ClientTest* self, std::function<bool()> condition,
                                        base::Duration limit) {
    const auto deadline = self->loop().clock().now() + limit;
    while (!condition()) {
      const auto left = deadline - self->loop().clock().now();
      if (left <= base::Duration::zero()) co_return false;
      co_await self->changed_->wait_for(std::min<base::Duration>(left, 100ms));
    }
    co_return true;
  }
  static runtime::Task<bool> close_client(ClientTest* self, base::Duration grace) {
    co_await self->client_->close(grace);
    EXPECT_EQ(self->client_->in_flight(), 0U);
    self->client_.reset();
    co_return true;
  }
  static runtime::Task<bool> stop_server(ClientTest* self) {
    co_await self->server_->stop(1s);
    co_return true;
  }
  static runtime::Task<bool> stop_group(ClientTest* self) {
    co_await self->group_->stop();
    co_return true;
  }
};

}  // namespace telltale::mcp
