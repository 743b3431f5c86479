"""A manifest against the world: every digest, CID, score and transaction.

Each check returns a sentence that says what holds, or raises VerifyError naming the token.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from mint.document import plain, sha256
from mint.errors import PublishError, VerifyError
from mint.execute import decode
from mint.ipfs.car import Car
from mint.ipfs.cid import cid_text, parse_cid
from mint.ipfs.tree import File, Made, tree_links
from mint.ipfs.unixfs import CHUNK
from mint.ipfs.walk import read_path, resolve
from mint.manifest import Manifest, Publication, final_uri, terms, whole_tree
from mint.metadata import provenance, provenance_leaves, rarity, token_json
from mint.offer import Caps, payees, phases, roots
from mint.plan import candidate, diffusion, plan
from mint.sale import deadline
from mint.upscale import LARGEST

if TYPE_CHECKING:
    from mint.chain.contract import OnChain
    from mint.chain.network import Chain
    from mint.chain.sale import State
    from mint.curate import Token
    from mint.render import Pixels

BUILD = "mint build makes it right, unless somebody changed it on purpose"


def check_plan(manifest: Manifest) -> str:
    """Names, traits, prompts and seeds are what collection.yaml and its seed give."""
    _refuse_torn(manifest)
    collection, settings = manifest.collection, diffusion(manifest.collection)
    slots = plan(collection)
    if [t.token_id for t in manifest.tokens] != [s.token_id for s in slots]:
        raise VerifyError("the manifest does not hold every token once, in order", hint=BUILD)
    for slot, token in zip(slots, manifest.tokens, strict=True):
        wanted = candidate(collection, slot, token.attempt, token.recipe.runtime, settings)
        shown = {k: v for k, v in wanted.traits.items() if v.strip().lower() != "none"}
        told = (token.name, token.description, token.traits)
        if told != (wanted.name, wanted.description, shown):
            raise wrong(token, "its name, description or traits are not the planned ones")
        if not 0 <= token.attempt <= collection.dedup.attempts:
            raise wrong(token, f"attempt {token.attempt} is beyond dedup.attempts")
        if token.recipe != wanted.recipe:
            raise wrong(token, "its recipe is not what the collection and its seed give")
        if token.recipe.runtime not in manifest.runtimes:
            raise wrong(token, "the runtime that painted it is not recorded")
        _refuse_size(manifest, token)
    return f"{len(slots)} tokens have the planned traits, prompts and seeds"


def _refuse_size(manifest: Manifest, token: Token) -> None:
    """A picture is enlarged if the collection says so, and to a size that can be opened."""
    if (token.enlarged is None) != (manifest.collection.image.upscale is None):
        raise wrong(token, "its picture is not enlarged as the collection says")
    if token.enlarged is None:
        return
    upscaler = manifest.runtimes.get(token.enlarged.runtime)
    if upscaler is None or upscaler.scale is None:
        raise wrong(token, "the runtime that enlarged it is not recorded")
    if max(manifest.size(token)) > LARGEST:
        raise wrong(token, f"its picture would be enlarged beyond {LARGEST} pixels")


def _refuse_torn(manifest: Manifest) -> None:
    """A record is whole for its tokens, or absent; and it is filed under its own digest."""
    count, published = len(manifest.tokens), manifest.publication is not None
    for name in ("rarity", "metadata", "provenance"):
        held = getattr(manifest, name)
        if (held is None and published) or (isinstance(held, tuple) and len(held) != count):
            raise VerifyError(f"the manifest has no {name} for its {count} tokens", hint=BUILD)
    if manifest.deployment is not None:
        _published(manifest)
    for digest, runtime in manifest.runtimes.items():
        if runtime.digest != digest:
            raise VerifyError(
                f"the runtime {runtime.digest} is recorded under another digest", hint=BUILD
            )


def check_files(manifest: Manifest, car: Car) -> str:
    """Every picture and every JSON in the CAR has the recorded digest, and says what it must."""
    publication, dedup = _published(manifest), manifest.collection.dedup
    first: dict[str, int] = {}
    for token, digest in zip(manifest.tokens, manifest.metadata or (), strict=True):
        picture = _read(car, publication.images, f"{token.token_id}.png", token)
        if sha256(picture) != token.image.file:
            raise wrong(token, "its picture in the CAR has another digest")
        if sha256(_rgb(manifest, picture, token).tobytes()) != token.image.pixels:
            raise wrong(token, "its picture's pixels have another digest")
        painted = token.enlarged.painted if token.enlarged else token.image.pixels
        other = min(first.setdefault(d, token.token_id) for d in (token.image.pixels, painted))
        kept = dedup.exhausted == "keep" and token.attempt == dedup.attempts
        if other != token.token_id and not kept:
            raise wrong(token, f"its picture is token {other}'s")
        document = _read(car, publication.metadata, f"{token.token_id}.json", token)
        expected = token_json(manifest.collection, token, publication.images)
        if sha256(document) != digest or document != expected:
            raise wrong(token, "its metadata is not what its traits and picture give")
    return f"{len(manifest.tokens)} pictures and their metadata have the recorded digests"


def check_scores(manifest: Manifest) -> str:
    """Rarity and the provenance root, recomputed."""
    scores = rarity([token.traits for token in manifest.tokens])
    for token, found, told in zip(manifest.tokens, scores, manifest.rarity or (), strict=True):
        if found != told:
            raise wrong(token, f"its rarity rank is {found.rank}, not {told.rank}")
    root = provenance(provenance_leaves(manifest.tokens, manifest.metadata or ()))
    if root != manifest.provenance:
        raise VerifyError(f"the provenance root is {root}, not {manifest.provenance}", hint=BUILD)
    return f"rarity and the provenance root {root[:16]}... are right"


def check_cids(manifest: Manifest, car: Car) -> str:
    """The CAR's root holds the folders under the recorded CIDs; their blocks hash to them."""
    publication = _published(manifest)
    if cid_text(car.root) != publication.root:
        raise VerifyError(f"the CAR's root is not {publication.root}", hint=BUILD)
    for name, cid in (("images", publication.images), ("metadata", publication.metadata)):
        if resolve(car.block, car.root, name) != parse_cid(cid):
            raise VerifyError(f"the CID of {name}/ is not {cid}", hint=BUILD)
    if read_path(car.block, car.root, "collection.json") != manifest.collection.canonical():
        raise VerifyError("collection.json in the CAR is another collection", hint=BUILD)
    return f"ipfs://{publication.root} holds images/, metadata/ and the collection"


def check_tree(manifest: Manifest, car: Car) -> str:
    """The root's CID, computed from what the build gives alone: so the CAR shows nothing else."""

    def picture(token: Token) -> File | bytes:
        name, image = f"{token.token_id}.png", token.image
        if image.size <= CHUNK:  # a single block: its digest, which is checked, is its CID
            return File(name, image.file, image.size)
        return _read(car, publication.images, name, token)

    publication, tokens = _published(manifest), {t.token_id: t for t in manifest.tokens}
    images = Made({f"{i}.png": partial(picture, t) for i, t in tokens.items()})
    documents = Made(
        {
            f"{i}.json": partial(token_json, manifest.collection, t, publication.images)
            for i, t in tokens.items()
        }
    )
    root = cid_text(tree_links(whole_tree(manifest, images, documents))[""].cid)
    if root != publication.root:
        raise VerifyError(
            f"ipfs://{publication.root} holds something that the build does not give", hint=BUILD
        )
    return f"ipfs://{root} holds nothing else"


def check_chain(
    manifest: Manifest,
    car: Car,
    chain: Chain,
    allowed: Sequence[Caps | None] | None = None,
) -> str:
    """The contract's immutables are the manifest's, and tokenURI of every token leads to it.

    `allowed` are the allowlists of a sale's phases; None where nobody here knows them.
    """
    from mint.chain.contract import code_of, read

    deployment = manifest.deployment
    if deployment is None:
        raise VerifyError("nothing is deployed", hint="run mint build without --until")
    launch, held = terms(manifest), read(chain, deployment.address)
    wanted = {name: value for name, value in launch if name not in _LATER}
    told = {
        "network": (chain.network, deployment.network),
        "chain id": (chain.chain_id, deployment.chain_id),
        **{name.replace("_", " "): (getattr(held, name), value) for name, value in wanted.items()},
        "code": (held.code, deployment.code),
    }
    if manifest.collection.sale is None:
        told["base uri"] = held.base_uri, launch.base_uri
        told["total supply"] = held.total_supply, len(manifest.tokens)
        # Other code could give every answer above, and others tomorrow.
        told[_OURS] = held.code, code_of(launch)
        _agree(deployment.address, told)
        order = list(range(len(manifest.tokens)))
        return _check_uris(manifest, car, chain, order, held.total_minted)
    _agree(deployment.address, told)
    return _check_sale(manifest, car, chain, held, allowed)


_LATER = ("royalty_receiver", "base_uri")  # their owner changes the one, a reveal the other
_OURS = "code, as this version of mint makes it,"


def _agree(address: str, told: Mapping[str, tuple[object, object]]) -> None:
    """Raise VerifyError at the first that the chain says otherwise: name -> (found, wanted)."""
    for name, (found, wanted) in told.items():
        if found != wanted:
            raise VerifyError(
                f"the contract's {name} is {found}, not {wanted}",
                hint=f"{address} is not the contract of this build, "
                "or another version of mint deployed it",
            )


def _check_sale(
    manifest: Manifest,
    car: Car,
    chain: Chain,
    held: OnChain,
    allowed: Sequence[Caps | None] | None,
) -> str:
    """The sale's terms are the file's, and the draw is what the chain's block and secret give."""
    from mint.chain.contract import code_of
    from mint.chain.draw import order
    from mint.chain.sale import Terms, state

    sale, publication = manifest.collection.sale, _published(manifest)
    assert sale is not None
    assert manifest.deployment is not None
    now, launch = state(chain, held.address), terms(manifest)
    on_chain = [phase.root for phase in now.phases]
    agreed = phases(manifest.collection, roots(allowed) if allowed else on_chain)
    fixed = Terms(
        secret_hash=now.secret_hash,
        uri_hash=now.uri_hash,
        reveal_deadline=now.reveal_deadline,
        draw_delay=now.draw_delay,
        phases=agreed,
        payees=payees(sale, manifest.deployment.owner),
    )
    open_to_all = [phase.allowlist is None for phase in sale.phases]
    told: dict[str, tuple[object, object]] = {
        "reveal deadline": (now.reveal_deadline, deadline(sale)),
        "draw delay": (now.draw_delay, 1 if chain.worthless else sale.draw_delay),
        "phases": (now.phases, fixed.phases),
        "public phases": ([root == bytes(32) for root in on_chain], open_to_all),
        "payees": (now.payees, fixed.payees),
        _OURS: (held.code, code_of(launch, fixed)),
    }
    if now.draw.step != "revealed":
        told["base uri"] = held.base_uri, launch.base_uri
        _agree(held.address, told)
        uris = {uri for _, uri in _uris(chain, held)} - {launch.base_uri}
        if uris:
            raise VerifyError(f"a token shows {uris.pop()} before the reveal", hint=BUILD)
        return f"the sale on {chain.network} is {now.draw.step}; every token is still hidden"
    told["base uri"] = held.base_uri, final_uri(publication)
    _agree(held.address, told | _draw_facts(manifest, chain, held.address, now))
    placed = order(now.draw.entropy, held.max_supply)
    return _check_uris(manifest, car, chain, placed, held.total_minted)


def _draw_facts(
    manifest: Manifest, chain: Chain, address: str, now: State
) -> dict[str, tuple[object, object]]:
    """What the reveal opened against what was committed, and the seed that it gives."""
    from mint.chain.draw import salt_of, secret_hash, seed_of, uri_hash
    from mint.chain.sale import revealed

    block, found, secret = revealed(chain, address)
    facts: dict[str, tuple[object, object]] = {
        "drawing block": (block, now.draw.number),
        "secret": (now.secret_hash, secret_hash(secret)),
        "committed base uri": (
            now.uri_hash,
            uri_hash(salt_of(secret), final_uri(_published(manifest))),
        ),
        "seed": (now.draw.entropy, seed_of(found, secret, address, chain.chain_id)),
        "block's hash": (bytes(chain.web3.eth.get_block(block)["hash"]), found),
    }
    if manifest.deployment is not None and (drawn := manifest.deployment.drawn):
        facts["recorded seed"] = drawn.seed, now.draw.entropy.hex()
    return facts


def _uris(chain: Chain, held: OnChain) -> Iterator[tuple[int, str]]:
    from mint.chain.contract import token_uris

    return token_uris(chain, held.address, range(1, held.total_minted + 1))


def _check_uris(
    manifest: Manifest, car: Car, chain: Chain, order: Sequence[int], minted: int
) -> str:
    """Token URIs of the first `minted` tokens lead to their entries: order[i] is token i + 1's."""
    from mint.chain.contract import token_uris

    assert manifest.deployment is not None
    address, gone = manifest.deployment.address, 0
    for token_id, uri in token_uris(chain, address, range(1, minted + 1)):
        index = order[token_id - 1]
        if uri:
            _follow(manifest.tokens[index], (manifest.metadata or ())[index], uri, car)
        gone += not uri
    drawn = " in the order that was drawn" if manifest.collection.sale else ""
    return f"{minted - gone} token URIs on {chain.network} lead to the recorded pictures{drawn}"


def _follow(token: Token, digest: str, uri: str, car: Car) -> None:
    """TokenURI -> CAR -> JSON -> image -> digests, as a marketplace would go."""
    document = _by_uri(car, uri, token)
    if sha256(document) != digest:
        raise wrong(token, "its token URI leads to other metadata")
    if sha256(_by_uri(car, plain(document)["image"], token)) != token.image.file:
        raise wrong(token, "its token URI leads to another picture")


def recorded_pixels(manifest: Manifest, car: Car, token: Token) -> Pixels:
    """The token's picture in the CAR."""
    name = f"{token.token_id}.png"
    return _rgb(manifest, _read(car, _published(manifest).images, name, token), token)


def _rgb(manifest: Manifest, png: bytes, token: Token) -> Pixels:
    try:
        return decode(png, *manifest.size(token))
    except ValueError as error:
        raise wrong(token, f"its picture cannot be trusted: {error}") from error


def _read(car: Car, folder: str, name: str, token: Token) -> bytes:
    try:
        return read_path(car.block, parse_cid(folder), name)
    except PublishError as error:
        raise wrong(token, f"the CAR does not give {name}: {error}") from error


def _by_uri(car: Car, uri: str, token: Token) -> bytes:
    cid, _, path = uri.removeprefix("ipfs://").partition("/")
    return _read(car, cid, path, token)


def _published(manifest: Manifest) -> Publication:
    if manifest.publication is None:
        raise VerifyError("nothing is published", hint="run mint build without --until")
    return manifest.publication


def wrong(token: Token, what: str) -> VerifyError:
    """What to raise about a token."""
    return VerifyError(f"token {token.token_id}: {what}", hint=BUILD)
