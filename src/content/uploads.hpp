// Uploads: files that come in pieces, each piece one request. The importer runs along, so that
// nothing is held but its last chunk; the blocks stay pinned by the upload until it is finished.
// One that is left alone for ten minutes is given up. Any loop.
#pragma once

#include <atomic>

#include "content/shelf.hpp"
#include "runtime/shared_map.hpp"

namespace telltale::content {

inline constexpr std::size_t kUploads = 32;  // at a time

class Upload {
 public:
  Upload(std::string upload_id, std::string of, DiskStore& disk, ImportOptions options,
         ShelveOptions shelve_as, bool of_directory)
      : id(std::move(upload_id)),
        owner(std::move(of)),
        shelve(std::move(shelve_as)),
        import(std::make_shared<Import>(disk, options, of_directory)) {}

  const std::string id;
  const std::string owner;  // the user's id: nobody else's business
  const ShelveOptions shelve;
  const std::shared_ptr<Import> import;
  std::atomic<bool> busy{false};
  std::atomic<std::uint64_t> received{0};
  std::atomic<base::SteadyTime> touched{};
};

// Where a piece belongs, in the upload of a directory; empty in that of a file.
struct PiecePlace {
  enum class Kind : std::uint8_t { file, directory, symlink };
  Kind kind = Kind::file;
  std::string path = {};
};

class Uploads {
 public:
  static constexpr base::Duration kIdle = std::chrono::minutes(10);

  Uploads(Library& library, Shelf& shelf) : library_(library), shelf_(shelf) {}

  // rate_limited: there are too many already.
  base::Result<std::shared_ptr<Upload>> begin(std::string owner, ImportOptions options,
                                              ShelveOptions shelve, bool of_directory = false);
  // conflict: `offset` is not where it stands, or another piece is on its way. A piece that failed
  // ends the upload. Answers how many bytes there are now.
  runtime::TaskResult<std::uint64_t> append(std::string id, std::string owner, std::uint64_t offset,
                                            std::shared_ptr<const std::string> bytes,
                                            PiecePlace place = {});
  runtime::TaskResult<store::ContentRoot> finish(std::string id, std::string owner);
  base::Result<void> abandon(const std::string& id, const std::string& owner);
  void sweep();  // now and then
  std::size_t size() const { return all_.size(); }

 private:
  base::Result<std::shared_ptr<Upload>> take(const std::string& id, const std::string& owner);

  Library& library_;
  Shelf& shelf_;
  runtime::SharedMap<Upload> all_;
};

}  // namespace telltale::content
