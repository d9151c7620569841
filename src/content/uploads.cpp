#include "content/uploads.hpp"

#include "base/random.hpp"

namespace telltale::content {
namespace {

base::Result<void> feed(Import& import, const PiecePlace& place, std::string_view bytes) {
  using Kind = PiecePlace::Kind;
  if (!import.of_directory()) return import.feed(bytes);
  if (place.kind == Kind::directory) return import.add_directory(place.path);
  if (place.kind == Kind::symlink) return import.add_symlink(place.path, bytes);
  if (auto begun = import.begin_file(place.path); !begun) return begun;
  return import.feed(bytes);
}

}  // namespace

base::Result<std::shared_ptr<Upload>> Uploads::begin(std::string owner, ImportOptions options,
                                                     ShelveOptions shelve, bool of_directory) {
  sweep();
  if (all_.size() >= kUploads)
    return base::fail(base::Code::rate_limited,
                      "there are " + std::to_string(kUploads) + " uploads already");
  auto out = std::make_shared<Upload>(base::new_id("upl"), std::move(owner), library_.disk(),
                                      options, std::move(shelve), of_directory);
  out->touched = library_.clock().now();
  all_.put(out->id, out);
  return out;
}

// Busy until the caller says otherwise.
base::Result<std::shared_ptr<Upload>> Uploads::take(const std::string& id,
                                                    const std::string& owner) {
  auto found = all_.find(id);
  if (!found || found->owner != owner)
    return base::fail(base::Code::not_found, "no upload of yours is called " + id);
  if (found->busy.exchange(true))
    return base::fail(base::Code::conflict, "another request works on this upload");
  found->touched = library_.clock().now();
  return found;
}

runtime::TaskResult<std::uint64_t> Uploads::append(std::string id, std::string owner,
                                                   std::uint64_t offset,
                                                   std::shared_ptr<const std::string> bytes,
                                                   PiecePlace place) {
  auto upload = take(id, owner);
  if (!upload) co_return std::unexpected(upload.error());
  if ((*upload)->import->of_directory() == place.path.empty()) {
    (*upload)->busy = false;
    co_return base::bad_field("/path", place.path.empty()
                                           ? "each piece of a directory says where it belongs"
                                           : "this is the upload of a file, not of a directory");
  }
  if (const auto at = (*upload)->received.load(); at != offset) {
    (*upload)->busy = false;
    co_return base::fail(base::Code::conflict, "the upload stands at " + std::to_string(at) +
                                                   " bytes, not at " + std::to_string(offset));
  }
  // The work goes on when the caller is gone; the upload is free again when it is done.
  auto fed =
      co_await library_.blocking().run([one = *upload, place = std::move(place),
                                        bytes = std::move(bytes)]() -> base::Result<std::uint64_t> {
        auto done = feed(*one->import, place, *bytes);
        if (!done) return std::unexpected(done.error());  // busy for ever: it is of no more use
        const auto now = one->received += bytes->size();
        one->busy = false;
        return now;
      });
  if (!fed) all_.erase(id);
  co_return fed;
}

runtime::TaskResult<store::ContentRoot> Uploads::finish(std::string id, std::string owner) {
  auto upload = take(id, owner);
  if (!upload) co_return std::unexpected(upload.error());
  all_.erase(id);
  auto done = co_await library_.blocking().run([one = *upload] { return one->import->finish(); });
  if (!done) co_return std::unexpected(done.error());
  co_return co_await shelf_.shelve((*upload)->import, (*upload)->shelve);
}

base::Result<void> Uploads::abandon(const std::string& id, const std::string& owner) {
  auto upload = take(id, owner);
  if (!upload) return std::unexpected(upload.error());
  all_.erase(id);
  return {};
}

void Uploads::sweep() {
  const auto oldest = library_.clock().now() - kIdle;
  for (const auto& upload : all_.all())
    if (upload->touched.load() < oldest) all_.erase(upload->id);
}

}  // namespace telltale::content
