// An answer against what was expected of it: every expectation that does not hold becomes a
// Mismatch. Pure but for golden files. Any thread.
#pragma once

#include "lab/run/kind.hpp"

namespace telltale::lab::run {

// What a step got. A transport that fails (no answer, a dead process) is not an answer.
struct Answer {
  enum class Status : std::uint8_t { ok, tool_error, error };
  Status status = Status::ok;
  std::int64_t code = 0;                   // of a JSON-RPC error
  std::string message;                     // of it
  base::Json value;                        // the result, or the error object
  std::vector<std::string> schema_errors;  // structuredContent against the tool's outputSchema
  base::Duration latency{};
};

std::string_view status_name(Answer::Status status) noexcept;
// What people would read of it: the texts of its content, else its JSON.
std::string text_of(const Answer& answer);

void judge(const Answer& answer, const suite::ExpectSpec& expect, const std::string& step,
           std::vector<Mismatch>& out);

// Against the file; with `update` it is written instead, and its name is appended to `updated`.
// Blocks: files are small and local.
void judge_golden(const Answer& answer, const std::string& path, bool update,
                  const std::string& step, std::vector<Mismatch>& out,
                  std::vector<std::string>& updated);

// Lines that went and came: ' ' kept, '-' expected only, '+' actual only; three lines around.
std::string line_diff(std::string_view expected, std::string_view actual);
// Indented, members in the order they came.
std::string pretty(const base::Json& value);

}  // namespace telltale::lab::run
