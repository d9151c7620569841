// What viewers and callers saw, counted while it happens, and the summary of it. One loop.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/histogram.hpp"
#include "simulate/plan.hpp"

namespace telltale::simulate {

struct Tally {
  std::size_t watching = 0;  // now
  std::uint64_t joins = 0;   // tried
  std::uint64_t join_failures = 0;
  std::uint64_t lost = 0;  // connections that ended and nobody had asked for it
  base::Histogram first_frame_us;
  std::uint64_t frames = 0;  // of video, whole
  std::uint64_t key_frames = 0;
  std::uint64_t gaps = 0;  // times that packets were given up
  std::uint64_t bytes = 0;
  std::uint64_t packets = 0;
  std::int64_t packets_lost = 0;
  std::uint64_t freezes = 0;
  base::Duration frozen = {};
  base::Duration watched = {};  // from the first frame on, of all
  std::uint64_t quality_changes = 0;
  std::uint64_t quality_failures = 0;
  std::uint64_t calls = 0;
  std::uint64_t call_failures = 0;  // isError included
  base::Histogram call_us;
  std::map<std::string, std::uint64_t> errors;  // by what was said; at most 50

  void error(std::string_view what);
};

struct Figure {
  std::string_view name;
  std::string_view help;
  double (*value)(const Tally& tally);
};
std::span<const Figure> figures();

struct Verdict {
  Objective objective;
  double seen = 0;
  bool held = false;
};

struct Summary {
  bool ok = false;  // all objectives held
  base::JsonObject json;
  std::string text;  // for people
};
Summary summarize(const Plan& plan, const Tally& tally, base::Duration took);

}  // namespace telltale::simulate
