// TimeZone: an IANA zone from the system's TZif file (RFC 8536), because libstdc++ 12 has no tzdb
// and the C library knows one zone a process. What comes after the last transition of the file is
// in its footer (zone_rule.hpp). Immutable, any thread. open() reads a file of some KiB: blocks.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "schedule/zone_rule.hpp"

namespace telltale::schedule {

class TimeZone {
 public:
  static constexpr std::string_view kFolder = "/usr/share/zoneinfo";

  // "UTC" needs no file. invalid_argument: no such zone.
  static base::Result<std::shared_ptr<const TimeZone>> open(const std::string& name,
                                                            std::string_view folder = kFolder);
  static base::Result<TimeZone> parse(std::string name, std::string_view tzif);

  const std::string& name() const noexcept { return name_; }
  std::chrono::seconds offset_at(Instant at) const { return period_at(at).offset; }

  // A local time comes once; or twice, when clocks are set back; or never, when they are set
  // forward over it: then `skipped_by` is the moment at which that happens.
  struct Meaning {
    std::optional<Instant> first, second, skipped_by;
  };
  Meaning meaning_of(LocalTime local) const;

 private:
  struct Transition {
    Instant at;
    std::chrono::seconds offset;
  };
  explicit TimeZone(std::string name) : name_(std::move(name)) {}
  Period period_at(Instant at) const;

  std::string name_;
  std::chrono::seconds before_{0};  // until the first transition
  std::vector<Transition> transitions_;
  std::optional<ZoneRule> rule_;  // after the last
};

}  // namespace telltale::schedule
