// For tests: a store in a folder of its own on a runtime with real loops, under a clock the test
// moves by hand, and tasks run from the test's own thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/check.hpp"
#include "runtime/run.hpp"
#include "runtime/runtime.hpp"
#include "store/store.hpp"

namespace telltale::store {

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "telltale-test-XXXXXX").string();
    CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

class StoreTest : public ::testing::Test {
 protected:
  explicit StoreTest(std::size_t telemetry_limit = 20'000) : telemetry_limit_(telemetry_limit) {
    runtime_.start();
    open();
  }
  ~StoreTest() override {
    store_.reset();
    runtime_.stop();
  }
  // The process ends and starts again: the same file, a new Store.
  void open() {
    store_.reset();
    auto opened =
        Store::open({.path = folder_.file("telltale.db"), .telemetry_limit = telemetry_limit_},
                    clock_, runtime_.blocking());
    CHECK(opened);
    store_ = std::move(*opened);
  }

  runtime::Loop& loop() { return runtime_.loop(0); }
  template <class T>
  T run(runtime::Task<T> task) {
    return *runtime::run_to_completion(loop(), none_, "test", std::move(task));
  }
  // The one integer a query answers, by the way every reader takes.
  std::int64_t count(std::string sql) {
    return run(store_->read([sql](Connection& db) -> base::Result<std::int64_t> {
             std::int64_t out = -1;
             auto done = db.query(sql, {}, [&](const Row& row) { out = row.integer(0); });
             if (!done) return std::unexpected(done.error());
             return out;
           }))
        .value_or(-2);
  }
  // Returns once the telemetry recorded until now has been committed.
  void flush() {
    for (int i = 0; i < 2; ++i)  // what was recorded while a batch ran is in the next
      ASSERT_TRUE(
          store_->write_now([](Connection&) -> base::Result<void> { return {}; }).has_value());
  }

  TempFolder folder_;
  base::VirtualClock clock_;
  runtime::Runtime runtime_{2};
  std::unique_ptr<Store> store_;
  runtime::TaskGroup none_{runtime_.loop(0), "none"};

 private:
  std::size_t telemetry_limit_;
};

}  // namespace telltale::store
