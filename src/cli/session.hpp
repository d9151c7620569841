// A small program's life: one loop on this thread, a task run to its end.
#pragma once

#include "net/http_client.hpp"
#include "runtime/run.hpp"
#include "runtime/runtime.hpp"

namespace telltale::cli {

template <class T>
T run_here(runtime::Runtime& runtime, runtime::Task<T> task) {
  runtime.start();
  runtime::TaskGroup unused(runtime.loop(0), "cli");
  auto out = runtime::run_to_completion(runtime.loop(0), unused, "cli", std::move(task));
  runtime.stop();
  return std::move(*out);
}

}  // namespace telltale::cli
