// YAML as JSON with places: the whole document as one value, and for each JSON Pointer where it
// stands. Bounded against what a file can hide: size, depth, and how much its aliases unfold to
// (a "billion laughs" ends at kNodesLimit). YAML 1.2's core schema: yes and no are texts. One
// document; keys are texts and never twice the same. No I/O.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace telltale::lab::suite {

inline constexpr std::size_t kYamlBytes = 1U << 20U;
inline constexpr std::size_t kYamlDepth = 40;
inline constexpr std::size_t kNodesLimit = 200'000;       // aliases unfolded
inline constexpr std::size_t kUnfoldedLimit = 8U << 20U;  // bytes of texts that aliases repeat

struct Place {
  int line = 0;  // from 1; 0: of the file as a whole
  int column = 0;
};

struct Problem {  // what is wrong with a suite file
  Place place;
  std::string field;    // "/cases/3/steps/0/call"
  std::string message;  // what would be right
};

class Document {
 public:
  base::Json value;

  // Of the value there, or of the nearest thing around it that the text has.
  Place place_of(std::string_view pointer) const;
  // Of the member's key, for what is wrong with the name itself.
  Place key_of(std::string_view pointer) const;

 private:
  friend class YamlReader;
  std::map<std::string, Place, std::less<>> values_;
  std::map<std::string, Place, std::less<>> keys_;
};

std::expected<Document, Problem> read_yaml(std::string_view text);

}  // namespace telltale::lab::suite
