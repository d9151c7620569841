#include "app/rtc_sources.hpp"

#include <filesystem>
#include <unordered_map>

#include "app/live_publication.hpp"
#include "app/media_codecs.hpp"
#include "base/log.hpp"
#include "content/walk.hpp"
#include "runtime/run.hpp"
#include "runtime/sync.hpp"

namespace telltale::app {

namespace {

constexpr std::string_view kFilePrefix = "file:";

// The frames of one track in rtc's form, each made once for all who watch: those a new watcher may
// still be given. Called under the track's lock, one at a time.
class Converted {
 public:
  rtc::MediaFramePtr of(const media::FramePtr& frame) {
    if (const auto found = made_.find(frame.get()); found != made_.end())
      return found->second.second;
    const bool begins = frame->key && frame->codec != media::Codec::opus;
    if (begins || made_.size() >= most_of(*frame)) made_.clear();
    auto made = std::make_shared<rtc::MediaFrame>();
    made->bytes = frame->bytes;
    made->codec = to_rtc(frame->codec);
    made->key = frame->key;
    made->timestamp = frame->timestamp;
    made->due = frame->due;
    made->width = frame->width;
    made->height = frame->height;
    made_.emplace(frame.get(), std::pair(frame, made));
    return made;
  }

 private:
  static std::size_t most_of(const media::Frame& frame) {
    return frame.codec == media::Codec::opus ? 8 : media::GroupCache::kFramesMax;
  }
  // Holds the frame too, so that its address stays its own.
  std::unordered_map<const media::Frame*, std::pair<media::FramePtr, rtc::MediaFramePtr>> made_;
};

class ConvertingSink final : public media::Sink {
 public:
  ConvertingSink(std::shared_ptr<Converted> converted, std::shared_ptr<rtc::MediaSink> sink)
      : converted_(std::move(converted)), sink_(std::move(sink)) {}
  void on_frame(const media::FramePtr& frame) override { sink_->on_frame(converted_->of(frame)); }
  void on_end(const std::string& reason) override { sink_->on_end(reason); }

 private:
  const std::shared_ptr<Converted> converted_;
  const std::shared_ptr<rtc::MediaSink> sink_;
};

runtime::TaskResult<bool> answer(base::Result<void> done) {
  if (!done) co_return std::unexpected(done.error());
  co_return true;
}

}  // namespace

class RtcSources::PlayingSource final : public rtc::Source {
 public:
  PlayingSource(std::shared_ptr<media::Playing> playing, std::shared_ptr<ReadPlan> plan,
                NotesPtr notes)
      : playing_(std::move(playing)), plan_(std::move(plan)), notes_(std::move(notes)) {}

  rtc::SourceInfo info() const override {
    const auto info = playing_->info();
    rtc::SourceInfo out{.name = info.name,
                        .video = {},
                        .audio = info.audio,
                        .live = info.live,
                        .duration = info.duration};
    for (const auto& rendition : info.video) {
      out.video.push_back({.name = rendition.name,
                           .width = rendition.width,
                           .height = rendition.height,
                           .frame_rate = rendition.frame_rate,
                           .bitrate_bps = rendition.bitrate_bps,
                           .codecs = {}});
      for (const auto codec : rendition.codecs) out.video.back().codecs.push_back(to_rtc(codec));
    }
    return out;
  }
  rtc::PlayState state() const override {
    const auto state = playing_->state();
    return {.position = state.position,
            .paused = state.paused,
            .loop = state.loop,
            .ended = state.ended,
            .stalls = plan_ ? playing_->statistics().stalls : 0};
  }
  base::Result<Watch> watch_video(const std::string& rendition, rtc::Codec codec,
                                  std::shared_ptr<rtc::MediaSink> sink) override {
    return playing_->watch_video(
        rendition, to_media(codec),
        std::make_shared<ConvertingSink>(track(rendition, codec), std::move(sink)));
  }
  base::Result<Watch> watch_audio(std::shared_ptr<rtc::MediaSink> sink) override {
    return playing_->watch_audio(
        std::make_shared<ConvertingSink>(track("audio", rtc::Codec::opus), std::move(sink)));
  }
  void request_key_frame(const std::string& rendition, rtc::Codec codec) override {
    playing_->request_key_frame(rendition, to_media(codec));
  }
  runtime::TaskResult<bool> seek(base::Duration to) override { return answer(playing_->seek(to)); }
  runtime::TaskResult<bool> pause(bool paused) override { return answer(playing_->pause(paused)); }
  runtime::TaskResult<bool> loop(bool on) override { return answer(playing_->loop(on)); }
  std::optional<rtc::Reading> reading() const override {
    if (!plan_) return std::nullopt;
    const auto values = plan_->values();
    return rtc::Reading{.ahead = values.ahead, .threshold = values.threshold};
  }
  void read_so(const rtc::Reading& reading) override {
    if (plan_) plan_->set({.ahead = reading.ahead, .threshold = reading.threshold});
  }
  const rtc::SourceNotes* notes() const override { return notes_.get(); }

 private:
  using Track = std::pair<std::string, rtc::Codec>;
  // Weak: gone with the last who watches.
  std::shared_ptr<Converted> track(const std::string& rendition, rtc::Codec codec) {
    return tracks_.with([&](auto& tracks) {
      std::erase_if(tracks, [](const auto& one) { return one.second.expired(); });
      auto& kept = tracks[{rendition, codec}];
      auto converted = kept.lock();
      if (!converted) kept = converted = std::make_shared<Converted>();
      return converted;
    });
  }
  const std::shared_ptr<media::Playing> playing_;
  const std::shared_ptr<ReadPlan> plan_;  // null: nothing is fetched
  const NotesPtr notes_;
  base::Guarded<std::map<Track, std::weak_ptr<Converted>>> tracks_;
};

RtcSources::RtcSources(RtcSourcesSettings settings, runtime::Runtime& runtime,
                       content::Library& library)
    : settings_(std::move(settings)),
      runtime_(runtime),
      library_(library),
      reads_(library.home(), "rtc_sources"),
      catalog_(settings_.media, runtime.clock(), nullptr) {}

RtcSources::~RtcSources() = default;

base::Result<std::unique_ptr<media::ByteSource>> RtcSources::bytes_of(
    const std::string& name, std::shared_ptr<const ReadPlan> plan, NotesPtr notes) {
  if (name.starts_with(kFilePrefix)) return file_of(name.substr(kFilePrefix.size()));
  const auto cid = content::parse_cid(name);
  if (!cid) {
    if (cid.error().code == base::Code::unsupported) return std::unexpected(cid.error());
    return base::fail(base::Code::not_found,
                      "nothing live has this name, and it is neither \"test\" nor a CID");
  }
  return std::make_unique<ContentBytes>(library_, reads_, *cid,
                                        ContentBytes::Parts{.limit = settings_.read_limit,
                                                            .retry = settings_.retry,
                                                            .plan = std::move(plan),
                                                            .count = prefetches_,
                                                            .notes = std::move(notes)});
}

base::Result<std::unique_ptr<media::ByteSource>> RtcSources::file_of(
    const std::string& name) const {
  namespace fs = std::filesystem;
  if (settings_.files_folder.empty())
    return base::fail(base::Code::not_found, "this server plays no files of its own");
  std::error_code error;
  const auto folder = fs::canonical(settings_.files_folder, error);
  if (error) return base::fail(base::Code::unavailable, "the folder of files cannot be read");
  // Where it truly lies, links followed: below the folder or nowhere.
  const auto path = fs::canonical(folder / fs::path(name).relative_path(), error);
  if (error) return base::fail(base::Code::not_found, "there is no file of this name");
  const auto below = path.lexically_relative(folder);
  if (below.empty() || *below.begin() == "..")
    return base::fail(base::Code::not_found, "there is no file of this name");
  auto file = media::FileSource::open(path.string());
  if (!file) return std::unexpected(file.error());
  return std::move(*file);
}

std::shared_ptr<rtc::Source> RtcSources::adapt(std::shared_ptr<media::Playing> playing,
                                               std::shared_ptr<ReadPlan> plan, NotesPtr notes) {
  return sources_.with([&](Sources& sources) {
    std::erase_if(sources, [](const auto& one) { return one.second.expired(); });
    auto& kept = sources[playing.get()];
    auto source = kept.lock();
    if (!source)
      kept = source =
          std::make_shared<PlayingSource>(std::move(playing), std::move(plan), std::move(notes));
    return source;
  });
}

std::shared_ptr<ReadPlan> RtcSources::plan_of(const std::string& name, bool own,
                                              const rtc::Reading& reading) {
  const ReadPlan::Values wanted{.ahead = reading.ahead, .threshold = reading.threshold};
  if (own) return std::make_shared<ReadPlan>(wanted);
  return plans_.with([&](Plans& plans) {
    std::erase_if(plans, [](const auto& one) { return one.second.expired(); });
    auto& kept = plans[name];
    auto plan = kept.lock();
    if (plan)
      plan->raise(wanted);
    else
      kept = plan = std::make_shared<ReadPlan>(wanted);
    return plan;
  });
}

RtcSources::NotesPtr RtcSources::notes_of(const std::string& name, bool own) {
  if (own) return std::make_shared<rtc::SourceNotes>();
  return notes_.with([&](Notes& all) {
    std::erase_if(all, [](const auto& one) { return one.second.expired(); });
    auto& kept = all[name];
    auto notes = kept.lock();
    if (!notes) kept = notes = std::make_shared<rtc::SourceNotes>();
    return notes;
  });
}

// All of it, into the cache on the disk.
runtime::TaskResult<bool> RtcSources::load(RtcSources* self, content::Cid root) {
  auto tree = co_await content::walk_tree(
      &self->library_, root, [](const content::Hash&) {}, [](const content::Tree&) {});
  if (!tree) co_return std::unexpected(tree.error());
  for (const auto& hash : tree->blocks)
    if (!self->library_.has(hash))
      co_return base::fail(base::Code::storage, "not all of " + content::to_text(root) +
                                                    " has room here (--disk-cache-size)");
  co_return true;
}

runtime::TaskResult<std::shared_ptr<rtc::Source>> RtcSources::open(std::string name, bool own,
                                                                   rtc::Reading reading) {
  return open_here(this, std::move(name), own, reading);
}

runtime::TaskResult<std::shared_ptr<rtc::Source>> RtcSources::open_here(RtcSources* self,
                                                                        std::string name, bool own,
                                                                        rtc::Reading reading) {
  auto* const loop = runtime::Loop::current();
  CHECK(loop != nullptr);
  // "CID/a/b.mp4" is the file that lies there; who plays it by its own CID shares the playing.
  if (const auto named = content::parse_content_name(name); named && !named->path.empty()) {
    auto file = co_await runtime::call_on(
        self->library_.home(), content::find_path(&self->library_, named->cid, named->path));
    if (!file) co_return std::unexpected(file.error());
    name = content::to_text(*file);
  }
  const auto cid = content::parse_cid(name);
  if (cid && !reading.progressive)
    if (auto all = co_await runtime::call_on(self->library_.home(), load(self, *cid)); !all)
      co_return std::unexpected(all.error());
  using Opened = base::Result<std::shared_ptr<media::Playing>>;
  const runtime::OneShot<Opened> told(*loop);
  auto plan = self->plan_of(name, own, reading);
  auto notes = self->notes_of(name, own);
  self->catalog_.open(
      name, own,
      [told, loop](Opened opened) {
        loop->post([told, opened = std::move(opened)]() mutable { told.set(std::move(opened)); });
      },
      [self, plan, notes](const std::string& wanted) {
        return self->bytes_of(wanted, plan, notes);
      });
  auto opened = co_await told.wait();
  if (!opened) co_return std::unexpected(opened.error());
  co_return self->adapt(std::move(*opened), cid ? std::move(plan) : nullptr, std::move(notes));
}

base::Result<std::unique_ptr<rtc::Publication>> RtcSources::publish(
    std::string name, rtc::Codec video, bool audio, std::function<void()> wants_key) {
  auto publication = catalog_.publish(name, to_media(video), audio, std::move(wants_key));
  if (!publication) return std::unexpected(publication.error());
  return std::make_unique<LivePublication>(std::move(*publication), notes_of(name, false),
                                           settings_.publisher_wait, reads_);
}

std::vector<RtcSources::Report> RtcSources::report() const {
  std::vector<Report> out;
  for (const auto& playing : catalog_.playings())
    out.push_back(
        {.info = playing->info(), .state = playing->state(), .statistics = playing->statistics()});
  return out;
}

void RtcSources::expect() {
  if (expected_.exchange(true)) return;
  library_.home().post([this] { reads_.spawn("load_codecs", load_codecs(this)); });
}

runtime::Task<> RtcSources::load_codecs(RtcSources* self) {
  const auto loaded =
      co_await self->runtime_.blocking().run([] { return media::Catalog::load_codecs(); });
  // Whoever plays something is told why not.
  if (!loaded)
    base::log(base::LogLevel::warning, "webrtc", "no codecs so far: {}", loaded.error().detail);
}

runtime::Task<> RtcSources::stop() {
  return stop_here(this);
}

runtime::Task<> RtcSources::stop_here(RtcSources* self) {
  // It joins threads: not on a loop.
  co_await self->runtime_.blocking().run([self] {
    self->catalog_.stop();
    return true;
  });
  co_await runtime::call_on(self->library_.home(), self->reads_.stop());
}

}  // namespace telltale::app
