// Broken messages out of right ones: bytes changed, cut, doubled; values of other types, ids of all
// sorts, deep nesting, huge texts, invalid UTF-8. From a seed; pure. Never a line break, which
// would make two messages of one over stdio.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/random.hpp"

namespace telltale::lab {

// `right`: requests as the server knows them. The result is at most `limit` bytes.
std::string broken_message(const std::vector<base::JsonObject>& right, base::Random& random,
                           std::size_t limit);

// Smaller texts to try in place of one that did harm, the smallest first.
std::vector<std::string> smaller_texts(std::string_view text);

}  // namespace telltale::lab
