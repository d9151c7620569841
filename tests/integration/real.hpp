// What the integration tests share: a runtime, a way to run a task on its loop, and where the real
// servers are.
#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "net/process.hpp"
#include "runtime/run.hpp"
#include "runtime/runtime.hpp"
#include "runtime/sync.hpp"

namespace telltale::testing_support {

inline std::string source(const std::string& path) {
  return std::string(TELLTALE_SOURCE_DIR) + "/" + path;
}

inline std::string node() {
  for (const char* const candidate : {"/usr/local/bin/node", "/usr/bin/node"})
    if (std::filesystem::exists(candidate)) return candidate;
  return "node";
}

inline std::string npm_server(const std::string& name) {
  const auto path =
      source("examples/demo/node_modules/@modelcontextprotocol/" + name + "/dist/index.js");
  EXPECT_TRUE(std::filesystem::exists(path))
      << path << " is missing: run ./dev test, or npm ci in examples/demo";
  return path;
}

inline std::string support_server(const std::string& name) {
  return source("tests/support/servers/" + name);
}

class RealLoops : public ::testing::Test {
 protected:
  RealLoops() : runtime(2) { runtime.start(); }
  ~RealLoops() override { runtime.stop(); }

  template <class T>
  T run(runtime::Task<T> task) {
    runtime::TaskGroup unused(runtime.loop(0), "test");
    return std::move(*runtime::run_to_completion(runtime.loop(0), unused, "test", std::move(task)));
  }

  runtime::Runtime runtime;
};

}  // namespace telltale::testing_support
