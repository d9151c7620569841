// RtcSources: what rtc streams, by what media plays: names become playings of the test pattern, of
// content by its CID, of files in one folder, of what is published. The only place that knows both
// modules, and content. Any loop; stop() before the content engine's.
#pragma once

#include <map>

#include "app/content_bytes.hpp"
#include "base/guarded.hpp"
#include "content/library.hpp"
#include "media/catalog.hpp"
#include "rtc/source.hpp"
#include "runtime/runtime.hpp"

namespace telltale::app {

struct RtcSourcesSettings {
  media::CatalogSettings media = {};
  // `file:NAME` is a file below it; empty: no files are played.
  std::string files_folder = {};
  base::Duration read_limit = std::chrono::seconds(20);  // for a piece of content to come
  RetryPlan retry = {};                                  // of one that did not, while it plays
  // Those who watch wait so long for a publisher that was lost.
  base::Duration publisher_wait = std::chrono::seconds(30);
};

class RtcSources final : public rtc::SourceCatalog {
 public:
  RtcSources(RtcSourcesSettings settings, runtime::Runtime& runtime, content::Library& library);
  RtcSources(const RtcSources&) = delete;
  RtcSources& operator=(const RtcSources&) = delete;
  ~RtcSources() override;

  runtime::TaskResult<std::shared_ptr<rtc::Source>> open(std::string name, bool own,
                                                         rtc::Reading reading) override;
  base::Result<std::unique_ptr<rtc::Publication>> publish(std::string name, rtc::Codec video,
                                                          bool audio,
                                                          std::function<void()> wants_key) override;
  // What plays now, with what was counted.
  struct Report {
    media::PlayingInfo info;
    media::PlayState state;
    media::Statistics statistics;
  };
  std::vector<Report> report() const;
  // Counted from the start of the process: webrtc_prefetch_operations_total and its latency.
  Prefetches prefetches() const {
    return prefetches_->with([](const Prefetches& all) { return all; });
  }
  // Something may be played soon: loads the codecs' libraries in the background, once. They cost
  // 20 MiB and the first picture a wait, so neither at the start nor at the first stream.
  void expect();
  runtime::Task<> stop();  // on any loop

 private:
  class PlayingSource;
  using Sources = std::map<const media::Playing*, std::weak_ptr<PlayingSource>>;

  using Plans = std::map<std::string, std::weak_ptr<ReadPlan>>;
  using NotesPtr = std::shared_ptr<rtc::SourceNotes>;
  using Notes = std::map<std::string, std::weak_ptr<rtc::SourceNotes>>;

  base::Result<std::unique_ptr<media::ByteSource>> bytes_of(const std::string& name,
                                                            std::shared_ptr<const ReadPlan> plan,
                                                            NotesPtr notes);
  NotesPtr notes_of(const std::string& name, bool own);
  std::shared_ptr<ReadPlan> plan_of(const std::string& name, bool own, const rtc::Reading& reading);
  static runtime::TaskResult<bool> load(RtcSources* self, content::Cid root);
  base::Result<std::unique_ptr<media::ByteSource>> file_of(const std::string& name) const;
  // `plan`: how it is read; null where nothing is fetched.
  std::shared_ptr<rtc::Source> adapt(std::shared_ptr<media::Playing> playing,
                                     std::shared_ptr<ReadPlan> plan, NotesPtr notes);
  static runtime::TaskResult<std::shared_ptr<rtc::Source>> open_here(RtcSources* self,
                                                                     std::string name, bool own,
                                                                     rtc::Reading reading);
  static runtime::Task<> load_codecs(RtcSources* self);
  static runtime::Task<> stop_here(RtcSources* self);

  const RtcSourcesSettings settings_;
  runtime::Runtime& runtime_;
  content::Library& library_;
  runtime::TaskGroup reads_;  // of content, on the library's home loop
  std::atomic<bool> expected_ = false;
  base::Guarded<Sources> sources_;
  base::Guarded<Plans> plans_;  // of what is shared
  base::Guarded<Notes> notes_;  // the same
  const PrefetchCount prefetches_ = std::make_shared<base::Guarded<Prefetches>>();
  media::Catalog catalog_;
};

}  // namespace telltale::app
