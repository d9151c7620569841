// What the audit's tests share: a log over a store in a folder of its own, and its verdict.
#pragma once

#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "audit/log.hpp"
#include "audit/verify.hpp"
#include "runtime/runtime.hpp"

namespace telltale::audit {

class Events final : public runtime::EventSink {
 public:
  void publish(runtime::Event event) override { ++of_type[event.type]; }
  std::map<std::string, int> of_type;
};

class AuditTest : public testing::Test {
 protected:
  AuditTest() : runtime(1) {
    std::string name = (std::filesystem::temp_directory_path() / "telltale-audit-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
    runtime.start();
  }
  ~AuditTest() override {
    close();
    runtime.stop();
    std::filesystem::remove_all(folder);
  }
  std::string path() const { return folder + "/t.db"; }

  template <class T>
  T run(runtime::Task<T> task) {
    runtime::TaskGroup unused(runtime.loop(0), "test");
    return std::move(*runtime::run_to_completion(runtime.loop(0), unused, "test", std::move(task)));
  }
  void open(std::uint64_t head_every = 1000) {
    auto opened = store::Store::open({.path = path()}, runtime.clock(), runtime.blocking());
    ASSERT_TRUE(opened) << opened.error().detail;
    store = std::move(*opened);
    auto made =
        Log::open({.folder = folder, .head_every = head_every}, *store, runtime.blocking(), events);
    ASSERT_TRUE(made) << made.error().detail;
    log = std::move(*made);
    log->start(runtime.loop(0));
  }
  void close() {
    if (log)
      run([](Log* all) -> runtime::Task<bool> {
        co_await all->stop();
        co_return true;
      }(log.get()));
    log.reset();
    store.reset();
  }
  base::Result<bool> append(int number) {
    return run(log->append({.actor = "ada",
                            .address = "127.0.0.1",
                            .action = "fleet.restart",
                            .subject = "files",
                            .arguments = base::JsonObject{{"id", "files"}, {"n", number}},
                            .detail = "entry " + std::to_string(number)}));
  }
  Verdict verdict(std::optional<std::string> known = std::nullopt) {
    auto out = verify(VerifyInput{.database = path(), .known = std::move(known)});
    EXPECT_TRUE(out) << out.error().detail;
    return out.value_or(Verdict{});
  }

  runtime::Runtime runtime;
  std::string folder;
  Events events;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Log> log;
};

}  // namespace telltale::audit
