// For tests: a gateway that has what it was given, over real sockets, and counts what it is asked.
// It can be made to lie, to fail, to have nothing, or to keep an answer back until it is let go.
#pragma once

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/guarded.hpp"
#include "base/monitor.hpp"
#include "content/block.hpp"
#include "content/importer.hpp"
#include "net/http_server.hpp"
#include "runtime/run.hpp"
#include "runtime/runtime.hpp"
#include "runtime/sync.hpp"

namespace telltale::content::testing_support {

class GatewayServer {
 public:
  enum class Mood { honest, lying, failing, silent };
  struct Asked {
    std::map<std::string, int> times;  // by CID
    int all = 0;
    int at_once = 0;
    int at_once_most = 0;
  };

  explicit GatewayServer(runtime::Runtime& runtime)
      : loop_(runtime.loop(0)), held_(loop_), tasks_(loop_, "test gateway") {
    auto opened = net::HttpServer::open(
        {.port = 0}, {&loop_},
        [this](net::Request request) -> Answer { return answer(this, std::move(request)); });
    EXPECT_TRUE(opened);
    http_ = std::move(*opened);
    http_->start();
  }
  ~GatewayServer() {
    let_go();
    (void)runtime::run_to_completion(loop_, tasks_, "stop", stop(http_.get()));
  }
  GatewayServer(const GatewayServer&) = delete;
  GatewayServer& operator=(const GatewayServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(http_->port()); }
  // Before anything is asked for, or between.
  void put(const Cid& cid, std::string_view block) {
    blocks_.with([&](auto& blocks) { blocks[to_text(cid)] = block; });
  }
  Cid add(std::string_view bytes, ImportOptions options = {}) {
    Importer importer(options, [this](const Cid& cid, std::string_view block) {
      put(cid, block);
      return base::Result<void>();
    });
    EXPECT_TRUE(importer.feed(bytes));
    return importer.finish().value_or(Imported{}).root;
  }
  void forget(const Cid& cid) {
    blocks_.with([&](auto& blocks) { blocks.erase(to_text(cid)); });
  }
  std::size_t blocks() const {
    return blocks_.with([](const auto& blocks) { return blocks.size(); });
  }
  void be(Mood mood) { mood_ = mood; }
  // Answers wait from now on, until let_go().
  void hold() { holds_ = true; }
  void let_go() {
    holds_ = false;
    loop_.post([this] { held_.notify_all(); });
  }
  Asked asked() const {
    return asked_.look([](const Asked& all) { return all; });
  }
  // False: not within half a minute.
  bool wait_for_questions(int count) {
    return asked_.wait_for(
        std::chrono::seconds(30), [count](const Asked& all) { return all.all >= count; },
        [count](const Asked& all) { return all.all >= count; });
  }

 private:
  using Answer = runtime::Task<net::Response>;
  static Answer answer(GatewayServer* self, net::Request request) {
    const auto cid = request.path.substr(request.path.rfind('/') + 1);
    self->asked_.change([&](Asked& all) {
      ++all.times[cid];
      ++all.all;
      all.at_once_most = std::max(all.at_once_most, ++all.at_once);
    });
    while (self->holds_) co_await self->held_.wait();
    self->asked_.change([](Asked& all) { --all.at_once; });
    auto bytes = self->blocks_.with([&](const auto& blocks) -> std::optional<std::string> {
      const auto found = blocks.find(cid);
      return found == blocks.end() ? std::nullopt : std::optional(found->second);
    });
    const auto mood = self->mood_.load();
    if (mood == Mood::failing) co_return net::Response{.status = 500};
    if (!bytes || mood == Mood::silent) co_return net::Response{.status = 404};
    if (mood == Mood::lying) bytes->append("!");
    net::Response out{.status = 200, .body = std::move(*bytes)};
    out.headers.set("Content-Type", "application/vnd.ipld.raw");
    co_return out;
  }
  static runtime::TaskResult<bool> stop(net::HttpServer* http) {
    co_await http->stop(base::Duration::zero());
    co_return true;
  }

  runtime::Loop& loop_;
  std::atomic<Mood> mood_{Mood::honest};
  std::atomic<bool> holds_{false};
  runtime::Notifier held_;
  base::Guarded<std::map<std::string, std::string>> blocks_;
  base::Monitor<Asked> asked_;
  runtime::TaskGroup tasks_;
  std::unique_ptr<net::HttpServer> http_;
};

}  // namespace telltale::content::testing_support
