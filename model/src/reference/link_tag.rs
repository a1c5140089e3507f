// SPDX-License-Identifier: MIT
//! What the family tag of a frame from a link says, as the receiving end reads it.
//! Decapsulate asks it for the channel, the priority and the source that gets no copy.

use vireo_spec::ether::Priority;
use vireo_spec::rows::LinkRow;
use vireo_spec::tag::{
    Channel, Direction, ETag, ETagView, IngressECid, Role, STag, STagView, TagFamily, Vif, VnTag,
    VnTagView,
};

use super::header::Header;

/// The family tag directly behind the addresses.
#[derive(Clone, Copy)]
pub(super) struct LinkTag {
    /// Its family, which need not be the link's.
    pub(super) family: TagFamily,
    /// The channel that rule 6 of decapsulate looks up.
    pub(super) channel: Channel,
    /// Version and direction are as the link's role expects.
    pub(super) is_well_formed: bool,
    /// The priority, where the family carries one.
    pub(super) priority: Option<Priority>,
    /// The port behind the same link that gets no copy.
    pub(super) ingress: Ingress,
}

/// The source that a bridge names when it lies behind the same link.
#[derive(Clone, Copy)]
pub(super) enum Ingress {
    /// None: nobody is left out.
    None,
    /// Ingress_E-CID, not 0.
    ECid(IngressECid),
    /// svif, where l = 1.
    Vif(Vif),
}

impl Ingress {
    /// Whether a port whose own channel is `own`, on this link, is the source.
    pub(super) fn is(self, own: Channel) -> bool {
        match self {
            Self::None => false,
            Self::ECid(source) => {
                (own.ecid().base(), own.ecid().ext()) == (source.base(), source.ext())
            }
            Self::Vif(source) => own.vif() == source,
        }
    }
}

impl LinkTag {
    /// The family tag of a frame from `link`; an S-TAG is one on an S-TAG link only.
    pub(super) fn of(header: &Header, link: &LinkRow) -> Option<Self> {
        let octets = header.behind_addresses();
        if let Ok(view) = ETagView::new_checked(octets) {
            Some(Self::etag(ETag::parse(view)))
        } else if let Ok(view) = VnTagView::new_checked(octets) {
            Some(Self::vntag(view, link.role))
        } else if let (TagFamily::STag, Ok(view)) = (link.family, STagView::new_checked(octets)) {
            Some(Self::stag(STag::parse(view)))
        } else {
            None
        }
    }

    fn etag(tag: ETag) -> Self {
        Self {
            family: TagFamily::ETag,
            channel: Channel::etag(tag.ecid),
            is_well_formed: true,
            priority: Some(tag.priority),
            ingress: match tag.ingress {
                IngressECid::NONE => Ingress::None,
                source => Ingress::ECid(source),
            },
        }
    }

    fn vntag(view: VnTagView<'_>, role: Role) -> Self {
        let (channel, direction) = match role {
            Role::Extender => {
                (Channel::vntag(view.list(), view.destination()), Direction::NetworkToHost)
            }
            Role::Bridge => {
                (Channel::vntag(false, view.source().to_vif()), Direction::HostToNetwork)
            }
        };
        Self {
            family: TagFamily::VnTag,
            channel,
            is_well_formed: view.version() == VnTag::VERSION && view.direction() == direction,
            priority: None,
            ingress: match view.looped() {
                true => Ingress::Vif(view.source().to_vif()),
                false => Ingress::None,
            },
        }
    }

    fn stag(tag: STag) -> Self {
        Self {
            family: TagFamily::STag,
            channel: tag.channel(),
            is_well_formed: true,
            priority: Some(tag.priority),
            ingress: Ingress::None,
        }
    }
}
