#include "cli/output.hpp"

#include <fmt/format.h>

#include "cli/session.hpp"

namespace telltale::cli {

int complain(const base::Error& error) {
  fmt::print(stderr, "telltale: {}\n", plain(error.detail));
  for (const auto& field : error.fields)
    fmt::print(stderr, "  {} {}\n", plain(field.pointer), plain(field.message));
  return 1;
}

int print_json(const base::Json& value) {
  fmt::print("{}\n", base::write_json(value));
  return 0;
}

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
  return out;
}

std::string text_of(const base::JsonObject& record, std::string_view key) {
  return plain(base::string_or(record, key, "-"));
}

base::Result<base::Json> ask(const Connection& connection, ApiCall call) {
  runtime::Runtime runtime(1);
  return run_here(runtime, call_api(connection, std::move(call)));
}

}  // namespace telltale::cli
