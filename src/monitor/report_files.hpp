// ReportFiles: the folder of --report-path. Each report is webrtc_report_<id>.json and .html, <id>
// being its time (YYYYmmdd_HHMMSS_mmm, UTC); webrtc_dashboard.html is the newest picture, written
// over. The newest 200 reports are kept. A file appears whole or not at all. Blocks: on the pool.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace telltale::monitor {

struct ReportFile {
  std::string id;
  std::string format;  // json, html
  std::uint64_t bytes = 0;
};

class ReportFiles {
 public:
  static constexpr std::size_t kKept = 200;
  static constexpr std::uint64_t kBytesMax = 64U << 20U;  // of one that is read

  // Nothing is made before the first is written.
  explicit ReportFiles(std::string folder) : folder_(std::move(folder)) {}

  const std::string& folder() const noexcept { return folder_; }
  static std::string id_of(base::WallTime at);
  // storage: why not.
  base::Result<void> write(const std::string& id, const std::string& format,
                           const std::string& text) const;
  base::Result<void> write_dashboard(const std::string& text) const;
  std::vector<ReportFile> list() const;  // newest first; other files are passed over
  // not_found; invalid_argument: no id of ours (so no path either).
  base::Result<std::string> read(const std::string& id, const std::string& format) const;
  base::Result<void> remove(const std::string& id) const;

 private:
  base::Result<void> put(const std::string& name, const std::string& text) const;
  void forget_old() const;

  std::string folder_;
};

}  // namespace telltale::monitor
