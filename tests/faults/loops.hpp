// What the fault cells share: real loops, a folder that is removed, a look at /proc.
#pragma once

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "net/process.hpp"
#include "runtime/run.hpp"
#include "runtime/runtime.hpp"
#include "runtime/sync.hpp"

namespace telltale::faults {

class Folder {
 public:
  Folder() {
    auto name = (std::filesystem::temp_directory_path() / "telltale-fault-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class Loops : public ::testing::Test {
 protected:
  Loops() : runtime(2) { runtime.start(); }
  ~Loops() override { runtime.stop(); }

  runtime::Loop& loop() { return runtime.loop(0); }
  template <class T>
  T run(runtime::Task<T> task) {
    runtime::TaskGroup unused(loop(), "test");
    return std::move(*runtime::run_to_completion(loop(), unused, "test", std::move(task)));
  }
  template <class Body>
  auto on_loop(Body body) {
    using T = decltype(body());
    std::promise<T> promise;
    loop().post([&] {
      if constexpr (std::is_void_v<T>) {
        body();
        promise.set_value();
      } else {
        promise.set_value(body());
      }
    });
    return promise.get_future().get();
  }

  runtime::Runtime runtime;
};

inline std::string slurp(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

inline int parent_of(int pid) {
  const auto status = slurp("/proc/" + std::to_string(pid) + "/status");
  const auto at = status.find("PPid:");
  return at == std::string::npos ? 0 : std::stoi(status.substr(at + 5));
}

}  // namespace telltale::faults
