// Values from a JSON Schema (2020-12, the part that tool schemas use): valid ones of every shape
// the schema allows, edges first, from a seed. Bounded in depth and size whatever the schema says;
// $ref resolves inside the document only. Pure.
#pragma once

#include "base/json.hpp"
#include "base/random.hpp"

namespace telltale::lab {

class Generator {
 public:
  // The schema must outlive it.
  Generator(const base::Json& schema, std::uint64_t seed) : root_(schema), random_(seed) {}
  Generator(const base::Json&&, std::uint64_t) = delete;

  // A value the schema allows, as far as it can be told; small ones come first, then larger.
  base::Json next();
  // False when the schema has something no values are made for (a pattern, `not`): what comes may
  // not be valid, so that a refusal of it proves nothing.
  bool sure() const noexcept { return sure_; }

 private:
  base::Json make(const base::Json& schema, int depth);
  base::Json make_of_type(std::string_view type, const base::JsonObject& rules, int depth);
  base::JsonObject make_object(const base::JsonObject& rules, int depth);
  base::JsonArray make_array(const base::JsonObject& rules, int depth);
  base::Json make_number(const base::JsonObject& rules, bool whole);
  std::string make_string(const base::JsonObject& rules);
  const base::Json* resolve(const base::JsonObject& rules) const;
  std::size_t size_between(const base::JsonObject& rules, std::string_view low,
                           std::string_view high, std::size_t usual);

  const base::Json& root_;
  base::Random random_;
  std::uint64_t made_ = 0;
  std::size_t left_ = 0;  // of what one value may hold in all
  bool sure_ = true;
};

inline constexpr int kGeneratedDepth = 6;  // from there on only what must be
inline constexpr std::size_t kGeneratedValues = 10'000;
inline constexpr std::size_t kGeneratedItems = 64;
inline constexpr std::size_t kGeneratedString = 4096;

}  // namespace telltale::lab
