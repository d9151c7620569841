// Rules: each with its id, level, section of the specification, remedy, and a judge: a pure
// function over what was recorded. A rule holds in the eras whose section it names. Tables of them
// are in rules_*.cpp, one per group; all_rules() is all of them. Values, any thread.
#pragma once

#include <span>

#include "lab/conformance/record.hpp"
#include "lab/finding.hpp"

namespace telltale::lab {

enum class RuleOutcome : std::uint8_t { passed, failed, not_applicable };
std::string_view outcome_name(RuleOutcome outcome) noexcept;

struct Judgement {
  RuleOutcome outcome = RuleOutcome::passed;
  std::string detail = {};  // what was seen instead, or why it does not apply
  std::vector<std::string> evidence = {};
};

Judgement passed();
Judgement not_applicable(std::string reason);
// With what was sent and what came of each step.
Judgement failed(std::string detail, std::initializer_list<const Step*> steps = {});
Judgement failed_by(std::string detail, const Message& message);

enum class Carrier : std::uint8_t { any, stdio, http };

// Where a rule is written. "" : it does not hold in that era.
struct Sections {
  std::string_view legacy;  // of 2025-11-25
  std::string_view modern;  // of 2026-07-28
};

// The scenes a judge looks at, as bits: which of them must be played when only some rules are
// asked.
namespace scene {
inline constexpr unsigned kSession = 1;
inline constexpr unsigned kVersions = 2;  // "version", "named-version", "old-version", "discover"
inline constexpr unsigned kEarly = 4;
inline constexpr unsigned kGarbage = 8;
inline constexpr unsigned kHttp = 16;
inline constexpr unsigned kAll = 31;
}  // namespace scene

// In the order in which it is read.
struct Rule {  // NOLINT(clang-analyzer-optin.performance.Padding): there are a hundred of them
  std::string_view id;
  Level level = Level::must;
  Sections sections;
  std::string_view remedy;
  Judgement (*judge)(const Record&) = nullptr;
  Carrier carrier = Carrier::any;
  unsigned scenes = scene::kSession;

  std::string_view group() const { return id.substr(0, id.find('.')); }
  std::string section(mcp::Era era) const;  // "2025-11-25 basic/lifecycle#initialization"
};

std::span<const Rule* const> all_rules();
const Rule* find_rule(std::string_view id);

// Whether it holds here at all; empty when it does.
std::string why_not(const Rule& rule, const Record& record);

}  // namespace telltale::lab
