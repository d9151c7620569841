#include "content/library.hpp"

#include "runtime/run.hpp"

namespace telltale::content {

base::Result<std::unique_ptr<Library>> Library::open(LibrarySettings settings,
                                                     runtime::Runtime& runtime,
                                                     runtime::EventSink& events) {
  std::unique_ptr<Library> out(new Library(settings.memory_bytes, runtime, events));
  auto disk = DiskStore::open(std::move(settings.disk));
  if (!disk) return std::unexpected(disk.error());
  out->disk_ = std::move(*disk);
  auto* const self = out.get();
  out->disk_->on_corrupt([self](const Hash& hash) {
    self->memory_.erase(hash);
    self->tell("block_corrupt", to_text(Cid{.version = 1, .codec = Codec::raw, .hash = hash}),
               "a block on the disk did not match its hash and was removed",
               runtime::Severity::warning);
  });
  auto fetcher = Fetcher::make(
      out->home_, std::move(settings.fetch),
      [self](Cid cid, Block block) { return keep(self, cid, std::move(block)); },
      [self](const std::string& gateway, const base::Error& error) {
        self->tell("gateway_refused", gateway, error.detail, runtime::Severity::warning);
      });
  if (!fetcher) return std::unexpected(fetcher.error());
  out->fetcher_ = std::move(*fetcher);
  return out;
}

Library::Library(std::uint64_t memory_bytes, runtime::Runtime& runtime, runtime::EventSink& events)
    : runtime_(runtime), events_(events), home_(runtime.loop(0)), memory_(memory_bytes) {}

Library::~Library() = default;

runtime::TaskResult<Block> Library::get(Cid cid) {
  return get_from(this, cid);
}

runtime::TaskResult<Block> Library::get_from(Library* self, Cid cid) {
  if (auto block = self->memory_.get(cid.hash)) co_return block;
  if (self->disk_->has(cid.hash)) {
    auto block = co_await self->blocking().run(
        [disk = self->disk_.get(), hash = cid.hash] { return disk->get(hash); });
    if (!block) co_return std::unexpected(block.error());
    if (*block) {
      self->memory_.put(cid.hash, *block);
      co_return std::move(*block);
    }
  }
  co_return co_await runtime::call_on(self->home_, fetch(self, cid));
}

// On the home loop. What another had fetched may have come on the way here.
runtime::TaskResult<Block> Library::fetch(Library* self, Cid cid) {
  if (auto block = self->memory_.get(cid.hash)) co_return block;
  co_return co_await self->fetcher_->fetch(cid);
}

void Library::prefetch(const Cid& cid, Told told) {
  if (!fetcher_->has_gateways() || !missing(cid)) return;
  home_.post([this, cid, told = std::move(told)]() mutable {
    if (missing(cid)) fetcher_->want(cid, std::move(told));
  });
}

// A cache that is full is no reason not to hand the block on; who pins looks whether it is there.
runtime::Task<> Library::keep(Library* self, Cid cid, Block block) {
  // The disk first: whoever finds it in memory may rely on both.
  auto kept = co_await self->blocking().run(
      [disk = self->disk_.get(), cid, block] { return disk->put(cid.hash, *block); });
  self->memory_.put(cid.hash, block);
  if (!kept) self->tell("not_kept", to_text(cid), kept.error().detail, runtime::Severity::warning);
}

void Library::forget(std::span<const Hash> hashes) {
  for (const auto& hash : hashes)
    if (!disk_->has(hash)) memory_.erase(hash);
}

void Library::tell(std::string what, std::string subject, std::string detail,
                   runtime::Severity severity) {
  base::JsonObject data{{"what", what}, {"subject", subject}, {"detail", std::move(detail)}};
  events_.publish({.type = "content",
                   .channel = "events",
                   .subject = std::move(subject),
                   .severity = severity,
                   .data = std::move(data)});
}

runtime::Task<> Library::stop() {
  co_await runtime::call_on(home_, fetcher_->stop());
}

}  // namespace telltale::content
