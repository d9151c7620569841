// Links that people really have, as settings of the link model: what a simulated viewer sits
// behind. The figures are ours, of the order that field measurements of such links show
// (docs/simulate.md has the table). Plain values.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "rtc/congestion/link_model.hpp"

namespace telltale::simulate {

// From `after` on, counted from the beginning of a cycle.
struct LinkStep {
  base::Duration after = {};
  std::int64_t rate_bps = 0;
  double loss = 0;
};

struct LinkProfile {
  std::string name;
  std::string help;
  bool shaped = true;  // false: no relay in between at all
  rtc::congestion::LinkSettings down = {};
  rtc::congestion::LinkSettings up = {};
  // The way down changes by these, in order, again and again with this period; empty: it stays.
  std::vector<LinkStep> steps = {};
  base::Duration period = {};
};

std::span<const LinkProfile> link_profiles();
// invalid_argument names those there are.
base::Result<LinkProfile> link_profile(std::string_view name);

}  // namespace telltale::simulate
