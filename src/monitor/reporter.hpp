// Reporter: reports and the picture of the moment, at their intervals (keys `reporting` and
// `visualization`) and on demand. Gathers on its loop, writes on the pool, one at a time. Nothing
// is written while nobody is or was connected. Home loop; stop() before it goes.
#pragma once

#include <functional>

#include "monitor/monitor.hpp"
#include "monitor/report.hpp"
#include "monitor/report_files.hpp"
#include "runtime/blocking_pool.hpp"
#include "runtime/task_group.hpp"
#include "store/store.hpp"

namespace telltale::monitor {

class Reporter {
 public:
  struct Parts {
    runtime::Loop& loop;
    runtime::BlockingPool& blocking;
    rtc::Engine& engine;
    Monitor& monitor;
    store::Store& store;
    std::string folder;
    std::function<void(const std::string&)> complain;  // what goes wrong by itself; once a reason
  };
  explicit Reporter(Parts parts);

  void start();  // on its loop
  runtime::Task<> stop();

  struct Made {
    std::string id;
    std::vector<std::string> files;
    std::size_t connections = 0;
  };
  // What happened since `since`. storage: it cannot be written.
  static runtime::TaskResult<Made> make(Reporter* self, std::vector<std::string> formats, bool raw,
                                        base::WallTime since);
  // The same, told to somebody else.
  static runtime::TaskResult<ReportContent> content(Reporter* self, base::WallTime since);
  static runtime::TaskResult<std::vector<ReportFile>> list(Reporter* self);
  static runtime::TaskResult<std::string> read(Reporter* self, std::string id, std::string format);
  static runtime::TaskResult<bool> remove(Reporter* self, std::string id);
  const Config& config() const noexcept { return parts_.monitor.config(); }
  const std::string& folder() const noexcept { return files_.folder(); }
  base::WallTime now() const { return parts_.loop.clock().wall(); }

 private:
  static runtime::TaskResult<ReportContent> gather(Reporter* self, base::WallTime since,
                                                   std::size_t samples);
  static runtime::Task<> report_at_intervals(Reporter* self);
  static runtime::Task<> draw_at_intervals(Reporter* self);
  report::Theme theme() const;
  void complain(const base::Error& error);

  Parts parts_;
  ReportFiles files_;
  std::string complained_;
  runtime::TaskGroup tasks_;
};

}  // namespace telltale::monitor
