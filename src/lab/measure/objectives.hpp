// What a measured case must reach: "p99_ms <= 50", "calls_per_s >= 1000", over its figures by name.
// Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lab/run/result.hpp"

namespace telltale::lab::measure {

struct Objective {
  std::string figure;
  bool at_most = true;
  double bound = 0;
};

// `figures` are the names that can be had.
base::Result<Objective> parse_objective(std::string_view text,
                                        std::span<const std::string_view> figures);
void judge(const std::vector<Objective>& objectives, const base::JsonObject& figures,
           std::vector<run::Mismatch>& out);

}  // namespace telltale::lab::measure
