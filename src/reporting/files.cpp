#include "reporting/files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/file.hpp"
#include "base/log.hpp"

namespace telltale::reporting {
namespace {

constexpr std::array kFormats{Format{"html", "html", "text/html; charset=utf-8"},
                              Format{"json", "json", "application/json"},
                              Format{"pdf", "pdf", "application/pdf"},
                              Format{"csv", "csv", "text/csv; charset=utf-8"},
                              Format{"markdown", "md", "text/markdown; charset=utf-8"},
                              Format{"junit", "xml", "application/xml; charset=utf-8"}};
constexpr std::string_view kPrefix = "rep_";
constexpr std::size_t kIdSize = 30;

}  // namespace

const Format* find_format(std::string_view name) {
  const auto* const found = std::ranges::find(kFormats, name, &Format::name);
  return found == kFormats.end() ? nullptr : found;
}

std::string format_names() {
  std::string out;
  for (const auto& format : kFormats) out += (out.empty() ? "" : ", ") + std::string(format.name);
  return out;
}

bool is_report_id(std::string_view id) {
  return id.size() == kIdSize && id.starts_with(kPrefix) &&
         std::ranges::all_of(id.substr(kPrefix.size()), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
         });
}

std::string Files::path_of(const std::string& id, const Format& format) const {
  return folder_ + "/" + id + "." + std::string(format.extension);
}

base::Result<void> Files::write(const std::string& id, const Format& format,
                                const std::string& bytes) const {
  if (!is_report_id(id)) return base::fail(base::Code::internal, "no id of a report");
  if (bytes.size() > kBytesMax)
    return base::fail(base::Code::too_large, "the report is over 64 MiB: ask for less time");
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, error);
  const auto written = base::replace_file(path_of(id, format), bytes);
  if (written) return {};
  base::log(base::LogLevel::error, "reporting", "{}", written.error().detail);
  return base::fail(base::Code::storage, "the report cannot be written to the state directory");
}

base::Result<std::string> Files::read(const std::string& id, const Format& format) const {
  const auto missing = base::fail(base::Code::not_found, "there is no such file of this report");
  if (!is_report_id(id)) return missing;
  auto bytes = base::read_file(path_of(id, format), kBytesMax);
  if (!bytes && bytes.error().code == base::Code::too_large)
    return base::fail(base::Code::too_large, "the file is over 64 MiB");
  if (!bytes) return missing;
  return bytes;
}

void Files::remove(const std::string& id) const {
  if (!is_report_id(id)) return;
  std::error_code ignored;
  for (const auto& format : kFormats) std::filesystem::remove(path_of(id, format), ignored);
}

}  // namespace telltale::reporting
