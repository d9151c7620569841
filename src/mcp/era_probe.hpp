// What the answer to server/discover says about the era of a server (2026-07-28 basic/versioning,
// "Backward Compatibility", with the bindings' pages). Never by one error code alone: only what is
// recognisably modern is modern. No I/O.
#pragma once

#include <string>

#include "base/json.hpp"

namespace telltale::mcp {

struct ProbeVerdict {
  enum class Kind {
    modern,        // the answer is a DiscoverResult with a version we speak
    retry,         // modern, wants another version: ask again with `version`
    legacy,        // initialize, offering `version` first
    incompatible,  // modern, but with no version in common, or it refuses us for a modern reason
    unreachable,   // nobody there, or nobody who talks to us: trying other eras would say the same
  };
  Kind kind = Kind::legacy;
  std::string version = {};
  std::string why = {};
};

ProbeVerdict judge_probe(const base::Result<base::JsonObject>& answer);

// The version to offer next when initialize was refused with a list of versions ("Version
// Negotiation" of 2025-11-25 basic/lifecycle); "" when there is none in common or `tried` is all
// there is.
std::string next_legacy_version(const base::Error& refused, std::string_view tried);

// Whether a refused initialize may still be a server of HTTP+SSE ("HTTP+SSE Transport
// (2024-11-05)").
bool may_be_sse(const base::Error& refused);

}  // namespace telltale::mcp
