// Lens: connections of other applications, known by what their pages report (telltale-rtc.js), and
// watched by the Monitor beside our own: same samples, scores, events, history. Nothing of them can
// be steered. Reports are taken on its loop, in order; what is known is read on any thread. A
// connection ends when its page says so or after kSilence. Everything is bounded: LensLimits.
#pragma once

#include <deque>
#include <unordered_map>

#include "base/guarded.hpp"
#include "monitor/monitor.hpp"
#include "runtime/operation.hpp"
#include "runtime/task_group.hpp"

namespace telltale::monitor {

struct LensLimits {
  std::size_t connections = 2'000;
  std::size_t per_app = 1'000;
  std::size_t per_token = 1'000;  // or per session, of whoever reports
  std::size_t apps = 100;
  base::Duration sample_distance = std::chrono::milliseconds(250);  // what comes closer is dropped
  base::Duration silence = std::chrono::seconds(30);
  base::Duration past = std::chrono::hours(24);  // nothing began earlier
  std::size_t ended_kept = 200;
};

// --- What a page sends; times are its own, in milliseconds since 1970 ---

struct LensSample {
  double at = 0;
  std::string state;  // RTCPeerConnection.connectionState
  base::JsonArray stats;
};
struct LensConnection {
  std::string id;  // the page's own
  double created_at = 0;
  std::optional<double> ice_connected_at, connected_at, closed_at;
  std::vector<LensSample> samples;
};
struct LensFailure {  // of getUserMedia
  double at = 0;
  std::string name;  // of the DOMException
  std::string wants;
};
struct LensReport {
  std::string app;
  std::string page;  // a name of its own for each load of a page
  double sent_at = 0;
  std::vector<LensConnection> connections;
  std::vector<LensFailure> failures;
};

struct LensFigures {
  std::uint64_t reports = 0;
  std::uint64_t samples = 0;
  std::uint64_t samples_dropped = 0;                      // too close to the one before, or older
  std::uint64_t connections_refused = 0;                  // beyond a limit
  std::vector<std::pair<std::string, std::size_t>> apps;  // open connections of each, by name
};

class Lens {
 public:
  struct Parts {
    Monitor& monitor;
    runtime::EventSink& events;
    runtime::Loop& loop;
  };
  explicit Lens(Parts parts, LensLimits limits = {});
  Lens(const Lens&) = delete;
  Lens& operator=(const Lens&) = delete;

  void start();            // on its loop, or before that runs
  runtime::Task<> stop();  // on any loop; ends all connections
  // {accepted, connections: {page's id: ours}, refused: [{id, reason}]}; rate_limited when a limit
  // left nothing of it.
  runtime::TaskResult<base::JsonObject> report(runtime::Actor actor, LensReport report);

  std::vector<rtc::ConnectionPtr> list(bool ended) const;
  rtc::ConnectionPtr find(const std::string& id) const;  // also of one that ended lately
  LensFigures figures() const;
  void end_silent();  // on its loop

 private:
  struct Entry {
    rtc::ConnectionPtr record;
    std::string token;
    base::SteadyTime heard = {};
  };
  struct Ended {
    std::string key;
    rtc::ConnectionPtr record;
  };
  struct Book {
    std::unordered_map<std::string, Entry> open;  // by token, application, page and the page's id
    std::deque<Ended> ended;
    LensFigures figures;
  };
  struct Taken {
    std::string id;      // ours; "": refused, or ended before
    std::string reason;  // refused
  };
  // What a report is taken with.
  struct Taking {
    const runtime::Actor& actor;
    const LensReport& report;
    std::chrono::milliseconds ahead;  // our clock before the page's
    base::WallTime now;
  };

  static runtime::TaskResult<base::JsonObject> report_here(Lens* self, runtime::Actor actor,
                                                           LensReport report);
  static runtime::Task<> watch(Lens* self);
  static runtime::Task<> stop_here(Lens* self);
  Taken take(const Taking& taking, const LensConnection& from);
  rtc::ConnectionPtr begin(const Taking& taking, const LensConnection& from, const std::string& key,
                           std::string& refusal);
  void look(const Taking& taking, const LensConnection& from, rtc::ConnectionRecord& record,
            const std::string& key);
  void keep(const std::string& key, const rtc::ConnectionPtr& record);
  void end(const std::string& key, base::WallTime at, std::string_view why);
  void tell_failures(const Taking& taking);
  std::string limit_reached(const std::string& app, const std::string& token) const;

  Parts parts_;
  const LensLimits limits_;
  base::Guarded<Book> book_;  // written on the loop
  runtime::TaskGroup tasks_;
};

}  // namespace telltale::monitor
