#include "monitor/report_files.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/file.hpp"

namespace telltale::monitor {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "webrtc_report_";
constexpr std::string_view kShape = "dddddddd_dddddd_ddd";  // d: a digit

bool is_id(std::string_view text) {
  return text.size() == kShape.size() &&
         std::ranges::equal(text, kShape, [](char seen, char wanted) {
           return wanted == 'd' ? seen >= '0' && seen <= '9' : seen == wanted;
         });
}

base::Result<std::string> name_of(const std::string& id, const std::string& format) {
  if (!is_id(id))
    return base::fail(base::Code::invalid_argument,
                      "a report's id is YYYYmmdd_HHMMSS_mmm, its time in UTC");
  if (format != "json" && format != "html")
    return base::fail(base::Code::invalid_argument, "format must be \"json\" or \"html\"");
  return std::string(kPrefix) + id + "." + format;
}

std::unexpected<base::Error> cannot(const std::string& what, const std::error_code& why) {
  return base::fail(base::Code::storage, "--report-path: cannot " + what + ": " + why.message());
}

}  // namespace

std::string ReportFiles::id_of(base::WallTime at) {
  const auto ms = base::unix_ms(at);
  return fmt::format("{:%Y%m%d_%H%M%S}_{:03}", fmt::gmtime(static_cast<std::time_t>(ms / 1000)),
                     ms % 1000);
}

base::Result<void> ReportFiles::put(const std::string& name, const std::string& text) const {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) return cannot("make the folder " + folder_, error);
  return base::replace_file(fs::path(folder_) / name, text);
}

base::Result<void> ReportFiles::write(const std::string& id, const std::string& format,
                                      const std::string& text) const {
  auto name = name_of(id, format);
  if (!name) return std::unexpected(name.error());
  auto done = put(*name, text);
  if (done) forget_old();
  return done;
}

base::Result<void> ReportFiles::write_dashboard(const std::string& text) const {
  return put("webrtc_dashboard.html", text);
}

std::vector<ReportFile> ReportFiles::list() const {
  std::vector<ReportFile> out;
  std::error_code error;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    const auto dot = name.rfind('.');
    if (dot == std::string::npos || dot < kPrefix.size()) continue;
    ReportFile file{.id = name.substr(kPrefix.size(), dot - kPrefix.size()),
                    .format = name.substr(dot + 1)};
    if (!name_of(file.id, file.format)) continue;
    std::error_code unknown;
    const auto size = entry->file_size(unknown);
    file.bytes = unknown ? 0 : size;
    out.push_back(std::move(file));
  }
  std::ranges::sort(out, [](const ReportFile& a, const ReportFile& b) {
    return a.id != b.id ? a.id > b.id : a.format < b.format;
  });
  return out;
}

base::Result<std::string> ReportFiles::read(const std::string& id,
                                            const std::string& format) const {
  auto name = name_of(id, format);
  if (!name) return std::unexpected(name.error());
  auto text = base::read_file(fs::path(folder_) / *name, kBytesMax);
  if (text) return text;
  switch (text.error().code) {  // without the path: who asked need not know it
    case base::Code::not_found:
      return base::fail(base::Code::not_found, "there is no report " + id + " as " + format);
    case base::Code::too_large:
      return base::fail(base::Code::too_large, "the report is over 64 MiB");
    default:
      return base::fail(base::Code::storage, "the report cannot be read");
  }
}

base::Result<void> ReportFiles::remove(const std::string& id) const {
  bool found = false;
  for (const auto* const format : {"json", "html"}) {
    auto name = name_of(id, format);
    if (!name) return std::unexpected(name.error());
    std::error_code error;
    found = fs::remove(fs::path(folder_) / *name, error) || found;
    if (error) return cannot("remove " + *name, error);
  }
  if (!found) return base::fail(base::Code::not_found, "there is no report " + id);
  return {};
}

void ReportFiles::forget_old() const {
  std::vector<std::string> ids;
  for (const auto& file : list())
    if (ids.empty() || ids.back() != file.id) ids.push_back(file.id);
  // What cannot be removed stays; the next report tries again.
  for (std::size_t i = kKept; i < ids.size(); ++i) (void)remove(ids[i]);
}

}  // namespace telltale::monitor
