// JSON Schema 2020-12, the part that tool schemas and elicitation forms use, with every bound a
// hostile server makes necessary: work, depth, number of errors, size of patterns. $ref resolves
// inside the document only, never to the network. An unknown keyword passes. The schema must
// outlive the validator. No I/O, no state between validations but the schema.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace telltale::mcp {

class JsonSchema {
 public:
  static constexpr int kMaxDepth = 64;
  static constexpr int kMaxSteps = 100'000;
  static constexpr std::size_t kMaxErrors = 20;

  explicit JsonSchema(const base::Json& schema) : root_(schema) {}
  JsonSchema(const base::Json&&) = delete;

  // One sentence per fault, with the JSON Pointer into the value; empty when it fits, as far as
  // could be checked.
  std::vector<std::string> validate(const base::Json& value);
  // False when the last validation hit a bound, or a pattern was not tried.
  bool complete() const noexcept { return complete_; }

 private:
  void check(const base::Json& schema, const base::Json& value, const std::string& at, int depth);
  bool fits(const base::Json& schema, const base::Json& value, int depth);
  void check_type(const base::JsonObject& rules, const base::Json& value, const std::string& at);
  void check_choices(const base::JsonObject& rules, const base::Json& value, const std::string& at);
  void check_object(const base::JsonObject& rules, const base::JsonObject& value,
                    const std::string& at, int depth);
  void check_members(const base::JsonObject& rules, const base::JsonObject& value,
                     const std::string& at, int depth);
  void check_array(const base::JsonObject& rules, const base::JsonArray& value,
                   const std::string& at, int depth);
  void check_string(const base::JsonObject& rules, std::string_view value, const std::string& at);
  void check_number(const base::JsonObject& rules, double value, const std::string& at);
  void check_combined(const base::JsonObject& rules, const base::Json& value, const std::string& at,
                      int depth);
  bool matches(std::string_view pattern, std::string_view text);
  void at_least(const base::JsonObject& rules, std::string_view keyword, double value,
                const std::string& at, std::string_view unit);
  void at_most(const base::JsonObject& rules, std::string_view keyword, double value,
               const std::string& at, std::string_view unit);
  const base::Json* resolve(std::string_view reference) const;
  void fault(const std::string& at, std::string_view what);

  const base::Json& root_;
  std::vector<std::string> errors_;
  int steps_ = 0;
  bool complete_ = true;
};

std::vector<std::string> validate_schema(const base::JsonObject& schema,
                                         const base::JsonObject& value);

// About how many states a regular expression compiles to: nested repetitions multiply.
long pattern_states(std::string_view pattern);

}  // namespace telltale::mcp
