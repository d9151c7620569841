// What the operations that read answer.
#pragma once

#include "content/engine.hpp"
#include "runtime/operation.hpp"

namespace telltale::content {

// {cid, codec, type, size, entries?, …} of what lies at `path` below `root`, a directory's entries
// from `offset` on; of what was added or pinned also what is known of it.
runtime::TaskResult<base::JsonObject> stat_answer(Engine* content, Cid root, std::string path,
                                                  std::size_t offset);
// The file at `path` below `cid`, or the range of it that `range` (a Range header) names: 200, 206
// or 416, in pieces of 1 MiB with the next ones fetched ahead.
runtime::TaskResult<runtime::BytesAnswer> bytes_answer(Engine* content, Cid cid, std::string path,
                                                       std::string range);
base::JsonObject status_answer(Engine& content);

}  // namespace telltale::content
