// The tool calls of a range of time, one by one: what analytics are made of.
#pragma once

#include <functional>

#include "store/history.hpp"

namespace telltale::store {

struct CallRange {
  std::string server, tool;  // "": of all
  base::WallTime from, to;   // [from, to)
  std::size_t limit = 0;
};
// The newest first; within Store::read. Without ids and sizes.
base::Result<void> read_calls(Connection& db, const CallRange& range,
                              const std::function<void(const CallRecord&)>& on_call);

}  // namespace telltale::store
